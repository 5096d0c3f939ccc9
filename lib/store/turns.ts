import { CommitTime } from './commit-time.js';
import type { Deadline } from './deadline.js';

/** Lets tasks run one after the other, whatever becomes of those before, in the time that is left. */
export class Turns {
  readonly #time: CommitTime;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** @param ms milliseconds for all of the tasks that fail */
  constructor(ms: number) {
    this.#time = new CommitTime(ms);
  }

  /** Whether a task runs or waits for its turn. */
  get areTaken(): boolean {
    return this.#count > 0;
  }

  async take<T>(task: (deadline: Deadline) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#time.spend(task));
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
