import { EventEmitter, once } from 'node:events';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';

export type StoreMethod = 'read' | 'create' | 'update' | 'destroy';

export interface StoreCall {
  readonly method: StoreMethod;
  readonly key: string;
  /** Seconds, where the call has any. */
  readonly ttl: number | undefined;
}

/** What becomes of one call: `execute` lets the store do it. */
export type Plan = <T>(execute: () => Promise<T>) => Promise<T>;

/** A call that has been stopped before the store does anything. */
export interface HeldCall {
  /** Resolves when the call has come. */
  readonly arrived: Promise<unknown>;
  release(): void;
}

/** A store that counts what it is asked, and delays, fails or loses answers on command. */
export class CountingAdapter extends SessionAdapter {
  /** Every call since the beginning or `reset`. */
  readonly calls: StoreCall[] = [];
  /** What the store's client would say: a stand-in for a text that must not leak. */
  readonly fault = new Error('connect ECONNREFUSED 10.11.12.13:11211');
  /** While true, every call rejects without being done. */
  isDown = false;
  readonly #inner: SessionAdapter;
  readonly #plans = new Map<StoreMethod, Plan[]>();

  constructor(inner: SessionAdapter = new MemoryAdapter()) {
    super();
    this.#inner = inner;
  }

  /** How many calls there were, of one method or of all. */
  count(method?: StoreMethod): number {
    return method === undefined
      ? this.calls.length
      : this.calls.filter((call) => call.method === method).length;
  }

  /** Forgets the calls; what was planned stays. */
  reset(): void {
    this.calls.length = 0;
  }

  /** The record as it stands there, read past the counting. */
  peek(key: string): Promise<StoredRecord | undefined> {
    return this.#inner.read(key);
  }

  /** Decides what becomes of the next call of that method that has no plan yet. */
  planNext(method: StoreMethod, plan: Plan): void {
    this.#plans.set(method, [...(this.#plans.get(method) ?? []), plan]);
  }

  /** The next calls reject without being done. */
  failNext(method: StoreMethod, times = 1): void {
    for (let call = 0; call < times; call++) {
      this.planNext(method, () => Promise.reject(this.fault));
    }
  }

  /** The next calls are done, and reject all the same. */
  loseAnswers(method: StoreMethod, times = 1): void {
    for (let call = 0; call < times; call++) {
      this.planNext(method, async (execute) => {
        await execute();
        throw this.fault;
      });
    }
  }

  /** The next call of that method waits until it is released. */
  holdNext(method: StoreMethod): HeldCall {
    const events = new EventEmitter();
    const arrived = once(events, 'arrived');
    const released = once(events, 'released');
    this.planNext(method, async (execute) => {
      events.emit('arrived');
      await released;
      return execute();
    });
    return { arrived, release: () => void events.emit('released') };
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#run('read', key, ttl, () => this.#inner.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#run('create', key, ttl, () => this.#inner.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#run('update', key, ttl, () => this.#inner.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#run('destroy', key, undefined, () => this.#inner.destroy(key));
  }

  async #run<T>(
    method: StoreMethod,
    key: string,
    ttl: number | undefined,
    execute: () => Promise<T>,
  ): Promise<T> {
    this.calls.push({ method, key, ttl });
    if (this.isDown) throw this.fault;
    const plan = this.#plans.get(method)?.shift();
    return plan ? plan(execute) : execute();
  }
}
