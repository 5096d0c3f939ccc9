import { Deadline } from './deadline.js';

/** When a task takes the time that it has spent away from those after it. */
export type Charge = 'if it fails' | 'always';

/**
 * The time that one request may spend on storing. A task that fails takes its time away from those
 * after it, until as much time has passed: after a `save()` that failed, the client does not wait
 * as long again for the answer's own commit. What the application has not asked for always does.
 */
export class CommitTime {
  readonly #ms: number;
  #missingUntil = 0;

  /** @param ms milliseconds */
  constructor(ms: number) {
    this.#ms = ms;
  }

  spend<T>(task: (deadline: Deadline) => Promise<T>, charge: Charge): Promise<T> {
    const start = performance.now();
    const missing = Math.max(0, this.#missingUntil - start);
    const takeAway = (): void => {
      const end = performance.now();
      this.#missingUntil = end + missing + (end - start);
    };
    return task(new Deadline(this.#ms - missing)).then(
      (result) => {
        if (charge === 'always') takeAway();
        return result;
      },
      (error: unknown) => {
        takeAway();
        throw error;
      },
    );
  }
}
