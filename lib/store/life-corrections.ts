import type { CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { RecordStore } from './record-store.js';
import { Retries } from './retries.js';

/**
 * Gives sessions their own lifetime back. A session that this process has not seen is read with the
 * usual lifetime first. If the store fails before the second read, with the session's own one, that
 * is made up for as soon as the store answers.
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

  /** To be called when the session has been read with its own lifetime. */
  remove(key: string): void {
    this.#retries.forget(key);
  }

  /** The application ends: what is left is tried for a last time. */
  stop(): Promise<void> {
    return this.#retries.stop();
  }

  /** Reads it once more where the read shows that another process has changed its lifetime. */
  async #correct(deadline: Deadline, key: string): Promise<void> {
    const { lifetimes, ownLifetimes } = this.#records;
    let given: number | undefined;
    let own = ownLifetimes.of(key);
    while (own && own.lifetime !== given) {
      await this.#records.read(deadline, key, lifetimes.ttl(own, Date.now()));
      given = own.lifetime;
      own = ownLifetimes.of(key);
    }
  }
}
