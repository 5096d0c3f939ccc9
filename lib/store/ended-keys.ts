const KEPT_KEYS = 10_000;

/**
 * The keys whose sessions this process has ended lately. A slower response that would renew such a
 * session's cookie must not: the browser may hold a newer one.
 */
export class EndedKeys {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
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
