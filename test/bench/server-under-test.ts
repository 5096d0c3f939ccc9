import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Profiler } from 'node:inspector';
import type { Question, Usage } from './server/usage.js';
import type { Variant } from './variants.js';

const MAIN = fileURLToPath(new URL('server/main.js', import.meta.url));
/** Milliseconds; a busy machine must not end the benchmark. */
const ANSWERS_WITHIN = 120_000;

/** An application in a process of its own, which says what it has used. */
export class ServerUnderTest {
  /** Resolves when it listens. `stop()` it afterwards. */
  static async start(variant: Variant, flags: readonly string[] = []): Promise<ServerUnderTest> {
    const child = fork(MAIN, [JSON.stringify(variant)], {
      execArgv: [...flags],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const { port } = await answerOf<{ readonly port: number }>(child, ANSWERS_WITHIN);
    return new ServerUnderTest(variant, child, port);
  }

  readonly #child: ChildProcess;

  private constructor(
    readonly variant: Variant,
    child: ChildProcess,
    readonly port: number,
  ) {
    this.#child = child;
  }

  usage(): Promise<Usage> {
    return this.#ask('usage');
  }

  /** The same after its garbage was collected. */
  settledUsage(): Promise<Usage> {
    return this.#ask('settled');
  }

  /** What runs in it, and how long, while `work` is done. */
  async profile(work: () => Promise<unknown>): Promise<Profiler.Profile> {
    await this.#ask('begin profile');
    await work();
    return this.#ask('end profile');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
  }

  #ask<T = Usage>(question: Question): Promise<T> {
    const answer = answerOf<T>(this.#child, ANSWERS_WITHIN);
    this.#child.send(question);
    return answer;
  }
}

/** The next message of a process; rejects when it ends before, or takes too long. */
export async function answerOf<T>(child: ChildProcess, within: number): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  const late = setTimeout(() => over.abort(new Error('A process did not answer.')), within);
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('A process of the benchmark has ended too early. See its output above.');
    });
    ended.catch(() => {});
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T];
    return message;
  } finally {
    clearTimeout(late);
    over.abort();
  }
}
