import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { answerOf } from '../server-under-test.js';
import type { JobResult, Preparation, Slice, SliceResult } from './jobs.js';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const LONGEST_JOB = 120_000;

/** The process that sends the requests. */
export class LoadGenerator {
  static start(): LoadGenerator {
    return new LoadGenerator(fork(MAIN, { serialization: 'advanced' }));
  }

  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Opens the connections to a server, and has a session made for each where the route needs one. */
  async prepare(preparation: Omit<Preparation, 'kind'>): Promise<void> {
    await this.#perform({ kind: 'prepare', ...preparation });
  }

  async run(slice: Omit<Slice, 'kind'>): Promise<SliceResult> {
    const result = await this.#perform({ kind: 'run', ...slice });
    if (result) return result;
    throw new Error('The load has sent nothing.');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
  }

  async #perform(job: Preparation | Slice): Promise<SliceResult | null> {
    const answer = answerOf<JobResult>(this.#child, LONGEST_JOB);
    this.#child.send(job);
    const outcome = await answer;
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome.result;
  }
}
