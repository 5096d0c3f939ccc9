import { type Charge, CommitTime } from './commit-time.js';
import type { SessionObserver, TracedWork } from '../events/session-observer.js';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import type { Deadline } from './deadline.js';

/** Runs work as a part of the request that a session belongs to. */
export type Within = <T>(work: () => T) => T;

/** Lets tasks run one after the other, whatever becomes of those before, in the time that is left. */
export class Turns {
  readonly #time: CommitTime;
  readonly #observer: SessionObserver;
  readonly #within: Within;
  /** The last task that runs or waits. */
  #last: Promise<unknown> | undefined;
  #hasStoreFailed = false;

  /**
   * @param ms milliseconds for one task, and for all of those that fail or are charged
   * @param within for what the application has stored looks at the request at hand, as bags of classes
   */
  constructor(ms: number, observer: SessionObserver, within: Within = (work) => work()) {
    this.#time = new CommitTime(ms);
    this.#observer = observer;
    this.#within = within;
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
  async take<T>(
    name: TracedWork,
    task: (deadline: Deadline) => Promise<T>,
    charge: Charge = 'if it fails',
  ): Promise<T> {
    const spend = (): Promise<T> => this.#time.spend(task, charge);
    const run = (): Promise<T> => this.#within(() => this.#observer.follow(name, spend));
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
