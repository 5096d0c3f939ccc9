import {
  SessionConflictException,
  SessionHeadersSentException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import type { RecordVersion, SessionAdapter, StoredRecord } from '../adapters/session-adapter.js';
import type { Deadline } from './deadline.js';

/** Exceptions that say themselves what is wrong, and go on as they are. */
const SPEAKING = [
  SessionStoreUnavailableException,
  SessionSerializationException,
  SessionConflictException,
  SessionHeadersSentException,
] as const;

/** The four methods that every store has. */
export type AdapterMethods = Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'>;

/** An adapter whose every call ends in time, and whose every fault is an exception of ours. */
export class BoundedAdapter {
  readonly #adapter: AdapterMethods;
  readonly #timeout: number;

  /** @param timeout milliseconds for one call */
  constructor(adapter: AdapterMethods, timeout: number) {
    this.#adapter = adapter;
    this.#timeout = timeout;
  }

  read(deadline: Deadline, key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#bound(deadline, () => this.#adapter.read(key, ttl));
  }

  create(deadline: Deadline, key: string, data: string, ttl: number): Promise<boolean> {
    return this.#bound(deadline, () => this.#adapter.create(key, data, ttl));
  }

  update(
    deadline: Deadline,
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    return this.#bound(deadline, () => this.#adapter.update(key, data, ttl, version));
  }

  destroy(deadline: Deadline, key: string): Promise<void> {
    return this.#bound(deadline, () => this.#adapter.destroy(key));
  }

  async #bound<T>(deadline: Deadline, call: () => Promise<T>): Promise<T> {
    deadline.check();
    try {
      return await deadline.race(call(), this.#timeout);
    } catch (error) {
      if (SPEAKING.some((exception) => error instanceof exception)) throw error;
      throw new SessionStoreUnavailableException(
        'The session store failed. See the cause, and check that the store is up and reachable.',
        { cause: error },
      );
    }
  }
}
