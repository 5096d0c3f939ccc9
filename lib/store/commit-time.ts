import { Deadline } from './deadline.js';

/**
 * The time that one request may spend on storing. A task that fails takes its time away from those
 * after it, until as much time has passed: after a `save()` that failed, the client does not wait
 * as long again for the answer's own commit.
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
