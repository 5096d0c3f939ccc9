/**
 * A map that forgets: it has the latest `kept` entries at least, and fewer than twice as many. When
 * as many new ones have come, all those before them are dropped at once. Two empty Maps cost
 * nothing to make; an LRU cache takes its whole room at once, and a request of the cookie adapter,
 * which has a store of its own, would spend most of its time on that.
 */
export class RecentMap<V> {
  readonly #kept: number;
  #latest = new Map<string, V>();
  #before = new Map<string, V>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  get isEmpty(): boolean {
    return this.#latest.size === 0 && this.#before.size === 0;
  }

  get(key: string): V | undefined {
    return this.#latest.get(key) ?? this.#before.get(key);
  }

  /** Makes the entry the latest one. */
  set(key: string, value: V): void {
    this.#latest.set(key, value);
    if (this.#latest.size < this.#kept) return;
    this.#before = this.#latest;
    this.#latest = new Map();
  }

  delete(key: string): void {
    this.#latest.delete(key);
    this.#before.delete(key);
  }
}
