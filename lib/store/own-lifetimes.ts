import type { Clocks } from './lifetimes.js';
import { RecentMap } from './recent-map.js';

const KEPT_KEYS = 10_000;

/**
 * The sessions with a lifetime of their own that this process has seen lately. It reads them with
 * that lifetime at once: reading them with the usual one first would cost a second call, and might
 * end them early if the store failed in between.
 */
export class OwnLifetimes {
  readonly #known = new RecentMap<Clocks>(KEPT_KEYS);

  /** What is known of a key. */
  of(key: string): Clocks | undefined {
    return this.#known.get(key);
  }

  /** Whether there are none: most applications have none, ever. */
  get areNone(): boolean {
    return this.#known.isEmpty;
  }

  /** Takes note of a record that was read or written. */
  note(key: string, { createdAt, loggedInAt, lifetime }: Clocks): void {
    if (lifetime === undefined) this.forget(key);
    else this.#known.set(key, { createdAt, loggedInAt, lifetime });
  }

  forget(key: string): void {
    if (!this.areNone) this.#known.delete(key);
  }
}
