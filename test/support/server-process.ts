import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { types } from 'node:util';
import { freePort } from './free-port.js';
import { pollUntil } from './poll.js';

const READY_WITHIN = 30_000;
const STOP_WITHIN = 10_000;
const PORTS_TO_TRY = 3;

export interface ServerSpec {
  readonly name: string;
  /** A name to be found on the PATH (or in an sbin folder), or an absolute path. */
  readonly command: string;
  readonly debianPackage: string;
  /** Who runs the server, where it refuses root. Its folder then belongs to this user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** How it is asked to end; a server with nothing to lose may be killed. @default 'SIGTERM' */
  readonly stopSignal?: NodeJS.Signals;
  args(port: number, dir: string): readonly string[];
  /** Environment variables beside those of the test. */
  env?(dir: string): Readonly<Record<string, string>>;
  /** Asked again and again until it neither rejects nor resolves to false. */
  ready(port: number, dir: string): Promise<boolean | void>;
  /** Fills the new, empty folder before the first start. */
  prepare?(dir: string): Promise<void>;
}

/**
 * A real server on a loopback port of its own, with a folder of its own. It dies with the test
 * process, however that ends.
 */
export class ServerProcess {
  /** Starts the server and waits until it is ready; `stop()` it afterwards. */
  static async start(spec: ServerSpec): Promise<ServerProcess> {
    const command = await findCommand(spec);
    const home = await mkdtemp(join(tmpdir(), `${spec.name}-`));
    const dir = join(home, 'data');
    await mkdir(dir);
    if (spec.user) {
      await chmod(home, 0o755);
      await chown(dir, spec.user.uid, spec.user.gid);
    }
    try {
      await spec.prepare?.(dir);
      return await startOnFreePort(spec, command, home, dir);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  readonly port: number;
  /** The server's own folder. */
  readonly dir: string;
  readonly #spec: ServerSpec;
  readonly #command: string;
  readonly #home: string;
  #child: ChildProcess | undefined;

  constructor(spec: ServerSpec, command: string, home: string, dir: string, port: number) {
    this.#spec = spec;
    this.#command = command;
    this.#home = home;
    this.dir = dir;
    this.port = port;
  }

  /** @throws when the server is not running */
  get pid(): number {
    const pid = this.#running()?.pid;
    if (pid === undefined) throw new Error(`${this.#spec.name} is not running.`);
    return pid;
  }

  /** Starts it again on its port and folder; does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#running()) return;
    const log = await open(this.#logFile, 'a');
    const child = spawn(...withParent(this.#command, this.#spec.args(this.port, this.dir)), {
      stdio: ['ignore', log.fd, log.fd],
      cwd: this.dir,
      env: { ...process.env, ...this.#spec.env?.(this.dir) },
      ...this.#spec.user,
    });
    const spawned = once(child, 'spawn');
    this.#child = child;
    process.once('exit', killNow);
    child.once('exit', () => process.removeListener('exit', killNow));
    try {
      await spawned;
    } finally {
      await log.close();
    }
    child.unref();
    await this.#untilReady(child);

    function killNow(): void {
      child.kill('SIGKILL');
    }
  }

  /** Stops it if it runs and starts it on the same port and folder. */
  async restart(): Promise<void> {
    await this.stop({ keep: true });
    await this.start();
  }

  /** Asks it to end, and SIGKILL when that takes too long. Its folder goes unless it is to be kept. */
  async stop({ keep = false }: { readonly keep?: boolean } = {}): Promise<void> {
    const child = this.#running();
    if (child) {
      const exited = once(child, 'exit');
      await this.resume();
      child.kill(this.#spec.stopSignal ?? 'SIGTERM');
      const impatience = setTimeout(() => void this.kill(), STOP_WITHIN);
      await exited;
      clearTimeout(impatience);
    }
    if (!keep) await rm(this.#home, { recursive: true, force: true });
  }

  /** SIGKILL to the server and its children; port and folder stay for `start()`. */
  async kill(): Promise<void> {
    const child = this.#running();
    if (!child) return;
    const exited = once(child, 'exit');
    await this.signal('SIGKILL');
    await exited;
  }

  /** The server hangs, its connections stay open. */
  async pause(): Promise<void> {
    await pollUntil(() => this.#stopAll(), {
      within: STOP_WITHIN,
      what: `every thread of ${this.#spec.name} has stopped`,
    });
  }

  /** Sent again, it also reaches what was begun while it was sent. */
  async #stopAll(): Promise<boolean> {
    await this.signal('SIGSTOP');
    return isStopped(this.pid);
  }

  async resume(): Promise<void> {
    await this.signal('SIGCONT');
  }

  /** Sends the signal to the server and to every process below it (PostgreSQL has many). */
  async signal(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await processTree(this.pid)) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  }

  get #logFile(): string {
    return join(this.#home, 'server.log');
  }

  #running(): ChildProcess | undefined {
    const child = this.#child;
    return child && child.exitCode === null && child.signalCode === null ? child : undefined;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const ready = await pollUntil(
      async () => {
        if (this.#running() !== child) return 'exited';
        return (await this.#spec.ready(this.port, this.dir)) === false ? undefined : 'ready';
      },
      { within: READY_WITHIN, what: `${this.#spec.name} on port ${this.port} is ready` },
    ).catch(async (error: unknown) => {
      await this.kill();
      throw error;
    });
    // A server that could not bind its port leaves it to whoever has it, who may well be ready.
    if (ready === 'ready' && this.#running() === child) return;
    throw new Error(`${this.#spec.name} ended before it was ready:\n${await this.#logTail()}`);
  }

  async #logTail(): Promise<string> {
    return (await readFile(this.#logFile, 'utf8')).slice(-2000);
  }
}

/** Another process may take a free port before the server does: then the next one is tried. */
async function startOnFreePort(
  spec: ServerSpec,
  command: string,
  home: string,
  dir: string,
): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const server = new ServerProcess(spec, command, home, dir, await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      if (attempt === PORTS_TO_TRY) throw error;
    }
  }
}

async function findCommand(spec: ServerSpec): Promise<string> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const candidates = spec.command.startsWith('/')
    ? [spec.command]
    : folders.map((folder) => join(folder, spec.command));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  throw new Error(
    `${spec.name} is needed for this test but ${spec.command} was not found: ` +
      `apt-get install ${spec.debianPackage}`,
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Jest's sandbox hears no 'exit' event and a killed worker runs no handler, so on Linux the kernel
 * is told to end the server together with its parent. setpriv becomes the server: same pid.
 */
function withParent(command: string, args: readonly string[]): [string, readonly string[]] {
  if (process.platform !== 'linux') return [command, args];
  return ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]];
}

/** Linux lists the children; elsewhere the process itself is all that is signalled. */
async function processTree(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = children.split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(below.map(processTree))).flat()];
}

/** Threads go on for a moment after SIGSTOP. Where the system does not list them, none is waited for. */
async function isStopped(server: number): Promise<boolean> {
  for (const pid of await processTree(server)) {
    const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
    for (const thread of threads) {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
      // The state follows the name, which may itself hold a parenthesis. What has ended is a zombie
      // as long as the process that began it is stopped.
      if (stat && !/.*\) [TZX] /.test(stat)) return false;
    }
  }
  return true;
}

/** Without `instanceof`: an error of Node itself is of another realm than Jest's. */
function isGone(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ESRCH';
}
