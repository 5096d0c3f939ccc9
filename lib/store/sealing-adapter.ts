import { hasCallForMany } from '../adapters/many-records.js';
import type { RecordVersion, StoredRecord } from '../adapters/session-adapter.js';
import { isSealed, type Sealing } from '../record/sealing.js';
import type { AdapterMethods } from './bounded-adapter.js';

/** No record: it is refused, logged and left in the store as any other that cannot be read. */
const UNREADABLE = '';

/**
 * No record either, for data that was never sealed: from the time before encryption, or not ours.
 */
export const UNSEALED = 'unsealed';

/**
 * Seals what the store gets, and opens what was sealed for the key under which it stands. Plain
 * records are never taken in its place.
 */
export class SealingAdapter implements AdapterMethods {
  /** There where the store has it. */
  readonly readMany: AdapterMethods['readMany'];
  /** There where the store has it. */
  readonly destroyMany: AdapterMethods['destroyMany'];
  readonly #adapter: AdapterMethods;
  readonly #sealing: Sealing;

  constructor(adapter: AdapterMethods, sealing: Sealing) {
    this.#adapter = adapter;
    this.#sealing = sealing;
    if (hasCallForMany(adapter, 'readMany')) {
      this.readMany = async (keys) => {
        const stored = await adapter.readMany(keys);
        return keys.map((key, index) => this.#opened(key, stored[index]));
      };
    }
    if (hasCallForMany(adapter, 'destroyMany')) {
      this.destroyMany = adapter.destroyMany.bind(adapter);
    }
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#opened(key, await this.#adapter.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#adapter.create(key, this.#sealing.seal(data, key), ttl);
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#adapter.update(key, this.#sealing.seal(data, key), ttl, version);
  }

  destroy(key: string): Promise<void> {
    return this.#adapter.destroy(key);
  }

  #opened(key: string, stored: StoredRecord | undefined): StoredRecord | undefined {
    if (!stored) return undefined;
    const { data, version } = stored;
    const opened = this.#sealing.open(data, key);
    return { data: opened ?? (isSealed(data) ? UNREADABLE : UNSEALED), version };
  }
}
