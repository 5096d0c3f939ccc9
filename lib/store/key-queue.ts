import type { Deadline } from './deadline.js';

/** Lets this process's commits on one key run one after the other. */
export class KeyQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Runs `task` when those before it on the same key are through.
   *
   * @param task is told whether it had to wait, so that what it knew of the record may be old
   * @throws SessionStoreUnavailableException when its turn does not come before the deadline
   */
  async run<T>(key: string, deadline: Deadline, task: (waited: boolean) => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const { promise: done, resolve: finish } = withResolvers();
    const tail = before ? before.then(() => done) : done;
    this.#tails.set(key, tail);
    try {
      if (before) await deadline.race(before);
      return await task(before !== undefined);
    } finally {
      finish();
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
