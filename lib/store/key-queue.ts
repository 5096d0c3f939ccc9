import { BriefMap } from '../adapters/brief-map.js';
import type { Deadline } from './deadline.js';

/** Lets this process's commits on one key run one after the other. */
export class KeyQueue {
  /** What is to be over, well or not, before the next task of a key begins. */
  readonly #tails = new BriefMap<Promise<unknown>>();

  /**
   * Runs `task` when those before it on the same key are through.
   *
   * @param task is told whether it had to wait, so that what it knew of the record may be old
   * @throws SessionStoreUnavailableException when its turn does not come before the deadline
   */
  async run<T>(key: string, deadline: Deadline, task: (waited: boolean) => Promise<T>): Promise<T> {
    // Their results are dropped: a queue that is never empty would keep those of all its tasks.
    const before = this.#tails.get(key)?.then(ignore, ignore);
    const turn = before ? deadline.race(before).then(() => task(true)) : task(false);
    // A task that did not get its turn in time is over before the one that it waited for.
    const tail = before ? Promise.allSettled([before, turn]) : turn;
    const leave = (): void => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    };
    this.#tails.set(key, tail);
    if (before) void tail.then(leave);
    try {
      return await turn;
    } finally {
      if (!before) leave();
    }
  }
}

function ignore(): void {
  // Its own caller is told.
}
