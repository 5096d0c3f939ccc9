import type { Clocks } from './lifetimes.js';

const KEPT_KEYS = 10_000;

/**
 * The sessions with a lifetime of their own that this process has seen lately, so that it reads them
 * with that at once: to be read with another one first would cost a call more, and might end them
 * early if the store failed in between.
 *
 * The latest 10,000 are known at least: when as many have come anew, those before them are forgotten
 * at one blow. To find the oldest one each time takes a Map longer than all the rest of a read.
 */
export class OwnLifetimes {
  #latest = new Map<string, Clocks>();
  #before = new Map<string, Clocks>();

  /** What is known of a key. */
  of(key: string): Clocks | undefined {
    return this.#latest.get(key) ?? this.#before.get(key);
  }

  /** Whether there are none: most applications have none, ever. */
  get areNone(): boolean {
    return this.#latest.size === 0 && this.#before.size === 0;
  }

  /** Takes note of a record that was read or written. */
  note(key: string, { createdAt, loggedInAt, lifetime }: Clocks): void {
    if (lifetime === undefined) return this.forget(key);
    if (this.#latest.get(key)?.lifetime === lifetime) return;
    this.#latest.set(key, { createdAt, loggedInAt, lifetime });
    if (this.#latest.size < KEPT_KEYS) return;
    this.#before = this.#latest;
    this.#latest = new Map();
  }

  forget(key: string): void {
    if (this.areNone) return;
    this.#latest.delete(key);
    this.#before.delete(key);
  }
}
