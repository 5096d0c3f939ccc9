import { Deadline } from './deadline.js';
import type { RecordStore } from './record-store.js';

/** More than that are left only where the store goes away at a bad moment for many. */
const MAX_KEYS = 1000;

/**
 * Gives sessions their own lifetime back which the store has for another one, since it failed between
 * the read that found out and the one that was to set it right. Tried until the store is there.
 */
export class LifeCorrections {
  readonly #records: RecordStore;
  readonly #storeTimeout: number;
  readonly #keys = new Set<string>();
  #isWaiting = false;

  /** @param storeTimeout milliseconds for one store call, and between two trials */
  constructor(records: RecordStore, storeTimeout: number) {
    this.#records = records;
    this.#storeTimeout = storeTimeout;
  }

  add(key: string): void {
    if (this.#keys.size < MAX_KEYS) this.#keys.add(key);
    this.#wait();
  }

  /** It has been read with its own lifetime meanwhile. */
  remove(key: string): void {
    if (this.#keys.size > 0) this.#keys.delete(key);
  }

  #wait(): void {
    if (this.#isWaiting || this.#keys.size === 0) return;
    this.#isWaiting = true;
    setTimeout(() => void this.#correctAll(), this.#storeTimeout).unref();
  }

  async #correctAll(): Promise<void> {
    for (const key of Array.from(this.#keys)) await this.#correct(key).catch(ignore);
    this.#isWaiting = false;
    this.#wait();
  }

  /** Another process may have given it yet another lifetime: that is known after the read. */
  async #correct(key: string): Promise<void> {
    const { lifetimes, ownLifetimes } = this.#records;
    const known = ownLifetimes.of(key);
    if (known !== undefined) {
      const ttl = lifetimes.ttl(known, Date.now());
      await this.#records.read(new Deadline(this.#storeTimeout), key, ttl);
    }
    if (ownLifetimes.of(key) === known) this.remove(key);
  }
}

function ignore(): void {
  // It is tried again.
}
