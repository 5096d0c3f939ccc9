import { RecentMap } from './recent-map.js';
import type { SessionEnds } from './session-ends.js';

const KEPT_KEYS = 10_000;

/**
 * The keys whose sessions this process has ended lately. A slower response that would renew such a
 * session's cookie must not: the browser may hold a newer one.
 */
export class EndedKeys {
  readonly #keys = new RecentMap<true>(KEPT_KEYS);
  readonly #ends: SessionEnds | undefined;

  /** @param ends is told of each */
  constructor(ends?: SessionEnds) {
    this.#ends = ends;
  }

  add(key: string): void {
    this.#keys.set(key, true);
    this.#ends?.announce(key);
  }

  has(key: string): boolean {
    return this.#keys.get(key) === true;
  }
}
