import type { CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { Clocks } from './lifetimes.js';
import type { RecordStore } from './record-store.js';
import { Retries } from './retries.js';

/**
 * Gives sessions their own lifetime back which the store has for another one, since it failed between
 * the read that found out and the one that was to set it right. Tried until the store is there.
 */
export class LifeCorrections {
  readonly #records: RecordStore;
  readonly #retries: Retries;

  constructor(records: RecordStore, options: CallOptions) {
    this.#records = records;
    this.#retries = new Retries(options);
  }

  add(key: string): void {
    this.#retries.add(key, (deadline) => this.#correct(deadline, key));
  }

  /** It has been read with its own lifetime meanwhile. */
  remove(key: string): void {
    this.#retries.forget(key);
  }

  /** The application ends: what is left is tried for a last time. */
  stop(): Promise<void> {
    return this.#retries.stop();
  }

  /** Another process may have given it yet another lifetime: that is known after the read. */
  async #correct(deadline: Deadline, key: string): Promise<void> {
    const { lifetimes, ownLifetimes } = this.#records;
    let given: Clocks | undefined;
    let own = ownLifetimes.of(key);
    while (own !== undefined && own !== given) {
      await this.#records.read(deadline, key, lifetimes.ttl(own, Date.now()));
      given = own;
      own = ownLifetimes.of(key);
    }
  }
}
