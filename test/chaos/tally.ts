import type { Outcome, Step } from './journal/step.js';

/** Bounds of the classes in which times are counted: each a twentieth above the one before. */
const GROWTH = 1.05;
const LEAST_MS = 0.05;

/** How many requests ended how, and how long they took: counted, not kept. */
export class Tally {
  readonly outcomes: Record<Outcome, number> = { done: 0, refused: 0, unknown: 0 };
  readonly #statuses = new Map<number, number>();
  readonly #times: number[] = [];
  #longest = 0;

  count({ outcome, status, begun, ended }: Step): void {
    this.outcomes[outcome]++;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const took = ended - begun;
    const timeClass = Math.max(0, Math.ceil(Math.log(took / LEAST_MS) / Math.log(GROWTH)));
    this.#times[timeClass] = (this.#times[timeClass] ?? 0) + 1;
    this.#longest = Math.max(this.#longest, took);
  }

  get requests(): number {
    return this.outcomes.done + this.outcomes.refused + this.outcomes.unknown;
  }

  /** How often each status came, 0 for no answer. */
  get statuses(): ReadonlyMap<number, number> {
    return new Map(Array.from(this.#statuses).toSorted(([a], [b]) => a - b));
  }

  /** Milliseconds that the longest one took. */
  get longest(): number {
    return this.#longest;
  }

  /** Milliseconds within which that share of the requests was over, to a twentieth. */
  within(share: number): number {
    let left = share * this.requests;
    for (const [timeClass, count = 0] of this.#times.entries()) {
      left -= count;
      if (left <= 0) return LEAST_MS * GROWTH ** timeClass;
    }
    return this.#longest;
  }
}
