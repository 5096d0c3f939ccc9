import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { CompiledPrograms } from './compiled-programs.js';
import type { Platform } from './http-apps.js';
import { pollUntil } from './poll.js';

const MAIN = 'test/support/shop-process';
const SOURCES = [MAIN, 'test/support/shop-app', 'test/support/http-apps', 'test/support/stopwatch'];
const STARTS_WITHIN = 30_000;
const ENDS_WITHIN = 10_000;

/** One application of shop-app. */
export interface Shop {
  readonly platform: Platform;
  readonly options: SessionModuleOptions;
}

/** How one request went in the process that answered it. */
export interface ServedRequest {
  readonly path: string;
  readonly status: number;
  /** Milliseconds by the stopwatch of that process. */
  readonly took: number;
}

/** What such a process says. */
export type ProcessReport =
  { readonly urls: readonly string[] } | { readonly refusal: string } | ServedRequest;

/** Starts the application of shop-app in processes of their own, as a deployment has several. */
export class ShopProcesses {
  /** `close()` it afterwards. */
  static async prepare(): Promise<ShopProcesses> {
    return new ShopProcesses(await CompiledPrograms.of(SOURCES));
  }

  readonly #programs: CompiledPrograms;
  readonly #processes = new Set<ShopProcess>();

  private constructor(programs: CompiledPrograms) {
    this.#programs = programs;
  }

  /** Resolves when the applications listen, or one has refused to. */
  async start(...shops: readonly Shop[]): Promise<ShopProcess> {
    const child = fork(this.#programs.fileOf(MAIN), [JSON.stringify(shops)], { silent: true });
    const started = new ShopProcess(child);
    this.#processes.add(started);
    await pollUntil(() => started.urls.length > 0 || started.refusal !== '' || started.hasEnded, {
      within: STARTS_WITHIN,
      what: 'the applications have started',
    });
    return started;
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#processes, (each) => each.stop()));
    await this.#programs.remove();
  }
}

/** One such process. */
export class ShopProcess {
  /** What was answered since the start or `forget`, in the order of the answers. */
  readonly served: ServedRequest[] = [];
  /** All that it has printed: Node.js tells there of rejections that nobody handles. */
  output = '';
  /** Of its applications, in their order. */
  urls: readonly string[] = [];
  /** Why it did not start. */
  refusal = '';
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => this.#hear(message as ProcessReport));
    child.stdout?.on('data', (text) => (this.output += text));
    child.stderr?.on('data', (text) => (this.output += text));
  }

  /** Of its first application. */
  get url(): string {
    return this.urls[0] ?? '';
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  forget(): void {
    this.served.length = 0;
  }

  /** The exit code, once nothing keeps the process alive any more. */
  async ended(): Promise<number | null> {
    await pollUntil(() => this.hasEnded, { within: ENDS_WITHIN, what: 'the process has ended' });
    return this.#child.exitCode;
  }

  /** Asks it to end, as a deployment does, and gives its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.connected) this.#child.disconnect();
    try {
      return await this.ended();
    } catch (error) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
      throw error;
    }
  }

  #hear(message: ProcessReport): void {
    if ('urls' in message) this.urls = message.urls;
    else if ('refusal' in message) this.refusal = message.refusal;
    else this.served.push(message);
  }
}
