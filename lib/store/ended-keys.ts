import type { SessionEnds } from './session-ends.js';

const KEPT_KEYS = 10_000;

/**
 * The keys whose sessions this process has ended lately. A slower response that would renew such a
 * session's cookie must not: the browser may hold a newer one.
 */
export class EndedKeys {
  readonly #keys = new Set<string>();
  readonly #ends: SessionEnds | undefined;

  /** @param ends is told of each */
  constructor(ends?: SessionEnds) {
    this.#ends = ends;
  }

  add(key: string): void {
    this.#keys.add(key);
    this.#ends?.announce(key);
    if (this.#keys.size <= KEPT_KEYS) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }
}
