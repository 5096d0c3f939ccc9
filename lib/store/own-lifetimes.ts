import type { SessionRecord } from '../record/record.js';

/** What of a record says how long it lives. */
export type OwnLifetime = Pick<SessionRecord, 'createdAt' | 'loggedInAt' | 'lifetime'>;

const KEPT_KEYS = 10_000;

/**
 * The sessions with a lifetime of their own that this process has seen lately, so that it reads them
 * with that at once: to be read with another one first would cost a call more, and might end them
 * early if the store failed in between.
 */
export class OwnLifetimes {
  readonly #known = new Map<string, OwnLifetime>();

  /** What is known of a key. */
  of(key: string): OwnLifetime | undefined {
    return this.#known.get(key);
  }

  /** Whether there are none: most applications have none, ever. */
  get areNone(): boolean {
    return this.#known.size === 0;
  }

  /** Takes note of a record that was read or written. */
  note(key: string, { createdAt, loggedInAt, lifetime }: OwnLifetime): void {
    if (lifetime === undefined) return this.forget(key);
    if (this.#known.get(key)?.lifetime === lifetime) return;
    this.#known.set(key, { createdAt, loggedInAt, lifetime });
    if (this.#known.size <= KEPT_KEYS) return;
    for (const oldest of this.#known.keys()) return this.forget(oldest);
  }

  forget(key: string): void {
    if (!this.areNone) this.#known.delete(key);
  }
}
