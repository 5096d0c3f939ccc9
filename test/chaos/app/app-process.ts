import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledPrograms } from '../../support/compiled-programs.js';
import { freePort } from '../../support/free-port.js';
import { pollUntil } from '../../support/poll.js';
import {
  type AppMessage,
  type AppRequest,
  type AppSettings,
  type Holdings,
  UNANSWERED,
} from './messages.js';

const FOLDER = 'test/chaos/app';
const MAIN = `${FOLDER}/main`;
const SOURCES = [
  ...['main', 'messages', 'shop', 'broken-adapter', 'fall-silent', 'unanswered-requests'].map(
    (name) => `${FOLDER}/${name}`,
  ),
  'test/support/http-apps',
];
const STARTS_WITHIN = 60_000;
const MEASURES_WITHIN = 30_000;

/** Node.js's options: the garbage is collected before memory is measured. */
const EXEC_ARGV = ['--expose-gc'];

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Requests that it had taken and did not answer; undefined when it could not say so. */
  readonly unanswered: number | undefined;
  /** Milliseconds from being asked until it had ended. */
  readonly took: number;
}

/** What the processes of the application run. `remove()` it afterwards. */
export function compiledApp(): Promise<CompiledPrograms> {
  return CompiledPrograms.of(SOURCES);
}

/** One process of the application. It can be killed and started again on its port. */
export class AppProcess {
  readonly #programs: CompiledPrograms;
  readonly #settings: AppSettings;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #listens = false;
  #refusal = '';
  #holdings: Holdings | undefined;
  /** All that it has printed. */
  output = '';

  private constructor(
    programs: CompiledPrograms,
    settings: AppSettings,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.#programs = programs;
    this.#settings = settings;
    this.#env = env;
  }

  /** @param env added to the environment */
  static async start(
    programs: CompiledPrograms,
    settings: Omit<AppSettings, 'port'>,
    env?: NodeJS.ProcessEnv,
  ): Promise<AppProcess> {
    const process = new AppProcess(programs, { ...settings, port: await freePort() }, env);
    await process.start();
    return process;
  }

  get port(): number {
    return this.#settings.port;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves when it listens. Whoever runs it starts it again, as long as it does not. */
  async start(): Promise<void> {
    await pollUntil(() => this.#tryToStart(), {
      within: STARTS_WITHIN,
      what: 'the application has started',
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    const ended = once(this.#child, 'exit');
    this.signal('SIGKILL');
    await ended;
  }

  /** Asks it to end by SIGTERM, and waits until it has. */
  terminate(within: number): Promise<Ending> {
    return this.#end(() => this.signal('SIGTERM'), within);
  }

  /** Has it close the application, and waits until nothing keeps the process alive. */
  close(within: number): Promise<Ending> {
    return this.#end(() => this.#ask('close'), within);
  }

  /** What it holds now. */
  async measure(request: 'measure' | 'sweep' = 'measure'): Promise<Holdings> {
    this.#holdings = undefined;
    this.#ask(request);
    return pollUntil(() => this.#holdings, {
      within: MEASURES_WITHIN,
      what: 'the process has measured itself',
    });
  }

  async #end(ask: () => void, within: number): Promise<Ending> {
    const begun = performance.now();
    const ended = this.#child && once(this.#child, 'close');
    ask();
    await Promise.race([ended, delay(within, undefined, { ref: false })]);
    if (this.isRunning) throw new Error(`The process has not ended within ${within} ms.`);
    const { exitCode: code = null, signalCode: signal = null } = this.#child ?? {};
    const said = this.output.lastIndexOf(UNANSWERED);
    const unanswered =
      said === -1 ? undefined : Number.parseInt(this.output.slice(said + UNANSWERED.length), 10);
    return { code, signal, unanswered, took: performance.now() - begun };
  }

  async #tryToStart(): Promise<true> {
    this.#listens = false;
    this.#refusal = '';
    const child = fork(this.#programs.fileOf(MAIN), [JSON.stringify(this.#settings)], {
      silent: true,
      execArgv: EXEC_ARGV,
      env: { ...process.env, ...this.#env },
    });
    this.#child = child;
    child.on('message', (message) => this.#hear(message as AppMessage));
    child.stdout?.on('data', (text) => (this.output += text));
    child.stderr?.on('data', (text) => (this.output += text));
    await pollUntil(() => this.#listens || !this.isRunning, {
      within: STARTS_WITHIN,
      what: 'the application has started or ended',
    });
    if (this.#listens) return true;
    throw new Error(`The application has ended: ${this.#refusal}\n${this.output}`);
  }

  #ask(request: AppRequest): void {
    this.#child?.send(request);
  }

  #hear(message: AppMessage): void {
    if ('listensOn' in message) this.#listens = true;
    else if ('refusal' in message) this.#refusal = message.refusal;
    else this.#holdings = message.holdings;
  }
}
