import { MemoryAdapter } from '../adapters/memory.adapter.js';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../adapters/session-adapter.js';

/** The methods that every store has. */
export type StoreMethod = 'read' | 'create' | 'update' | 'destroy';

/** One call of a store. */
export interface StoreCall {
  readonly method: StoreMethod;
  readonly key: string;
  /** Seconds, where the call has any. */
  readonly ttl: number | undefined;
}

/**
 * A store that counts what it is asked: `SessionModule.forRoot({ adapter: new CountingAdapter() })`.
 * A call counts when it is made, whatever becomes of it.
 *
 * @publicApi
 */
export class CountingAdapter extends SessionAdapter {
  /** Every call since the beginning or `reset`. */
  readonly calls: StoreCall[] = [];
  readonly #inner: SessionAdapter;

  /** @param inner does what is asked; a store in memory unless another is given */
  constructor(inner: SessionAdapter = new MemoryAdapter()) {
    super();
    this.#inner = inner;
    // The module looks whether a store has these, so a store without them must not get them here;
    // those of a subclass stay.
    if (!this.open) this.open = inner.open?.bind(inner);
    if (!this.close) this.close = inner.close?.bind(inner);
    if (!this.ping) this.ping = inner.ping?.bind(inner);
    if (!this.sweep) this.sweep = inner.sweep?.bind(inner);
  }

  /** How many calls there were, of one method or of all. */
  count(method?: StoreMethod): number {
    if (method === undefined) return this.calls.length;
    return this.calls.filter((call) => call.method === method).length;
  }

  /** Forgets the calls. */
  reset(): void {
    this.calls.length = 0;
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    this.calls.push({ method: 'read', key, ttl });
    return this.#inner.read(key, ttl);
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    this.calls.push({ method: 'create', key, ttl });
    return this.#inner.create(key, data, ttl);
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    this.calls.push({ method: 'update', key, ttl });
    return this.#inner.update(key, data, ttl, version);
  }

  destroy(key: string): Promise<void> {
    this.calls.push({ method: 'destroy', key, ttl: undefined });
    return this.#inner.destroy(key);
  }
}
