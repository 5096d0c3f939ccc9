import { Deadline } from './deadline.js';

/**
 * The time that one request may spend on storing. What a task has cost that failed is missing to
 * those after it, until as much time has passed: where a `save()` was in vain, its client does not
 * wait for another one.
 */
export class CommitTime {
  readonly #ms: number;
  #missingUntil = 0;

  /** @param ms milliseconds */
  constructor(ms: number) {
    this.#ms = ms;
  }

  spend<T>(task: (deadline: Deadline) => Promise<T>): Promise<T> {
    const start = performance.now();
    const missing = Math.max(0, this.#missingUntil - start);
    return task(new Deadline(this.#ms - missing)).catch((error: unknown) => {
      const end = performance.now();
      this.#missingUntil = end + missing + (end - start);
      throw error;
    });
  }
}
