import { CommitTime } from './commit-time.js';
import type { SessionObserver, TracedWork } from '../events/session-observer.js';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import type { Deadline } from './deadline.js';

/** Lets tasks run one after the other, whatever becomes of those before, in the time that is left. */
export class Turns {
  readonly #time: CommitTime;
  readonly #observer: SessionObserver;
  /** The last task that runs or waits. */
  #last: Promise<unknown> | undefined;
  #hasStoreFailed = false;

  /** @param ms milliseconds for all of the tasks that fail */
  constructor(ms: number, observer: SessionObserver) {
    this.#time = new CommitTime(ms);
    this.#observer = observer;
  }

  /** Whether a task runs or waits for its turn. */
  get areTaken(): boolean {
    return this.#last !== undefined;
  }

  /** Whether the store did not answer a task, or refused it. */
  get hasStoreFailed(): boolean {
    return this.#hasStoreFailed;
  }

  /** Throws what a task has failed with. */
  fail(error: unknown): never {
    this.#hasStoreFailed ||= error instanceof SessionStoreUnavailableException;
    throw error;
  }

  /** @param name what the task is, for those who trace */
  async take<T>(name: TracedWork, task: (deadline: Deadline) => Promise<T>): Promise<T> {
    const run = (): Promise<T> => this.#observer.follow(name, () => this.#time.spend(task));
    const turn = this.#last === undefined ? run() : this.#last.then(run, run);
    this.#last = turn;
    try {
      return await turn;
    } catch (error) {
      return this.fail(error);
    } finally {
      if (this.#last === turn) this.#last = undefined;
    }
  }
}
