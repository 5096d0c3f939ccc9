import { CommitTime } from './commit-time.js';
import type { SessionObserver, TracedWork } from '../events/session-observer.js';
import type { Deadline } from './deadline.js';

/** Lets tasks run one after the other, whatever becomes of those before, in the time that is left. */
export class Turns {
  readonly #time: CommitTime;
  readonly #observer: SessionObserver;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** @param ms milliseconds for all of the tasks that fail */
  constructor(ms: number, observer: SessionObserver) {
    this.#time = new CommitTime(ms);
    this.#observer = observer;
  }

  /** Whether a task runs or waits for its turn. */
  get areTaken(): boolean {
    return this.#count > 0;
  }

  /** @param name what the task is, for those who trace */
  async take<T>(name: TracedWork, task: (deadline: Deadline) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#observer.follow(name, () => this.#time.spend(task)));
    this.#last = turn.catch(ignore);
    this.#count++;
    try {
      return await turn;
    } finally {
      this.#count--;
    }
  }
}

function ignore(): void {
  // Whoever asked for the turn has the error.
}
