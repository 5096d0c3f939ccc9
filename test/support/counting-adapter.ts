import { EventEmitter, once } from 'node:events';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';
import {
  CountingAdapter as PublicCountingAdapter,
  type StoreMethod,
} from '../../lib/testing/counting-adapter.js';

export type { StoreMethod };

/** What becomes of one call: `execute` lets the store do it. */
export type Plan = <T>(execute: () => Promise<T>) => Promise<T>;

/** A call that has been stopped before the store does anything. */
export interface HeldCall {
  /** Resolves when the call has come. */
  readonly arrived: Promise<unknown>;
  release(): void;
}

/** The counting store of the testing kit, which also delays, fails or loses answers on command. */
export class CountingAdapter extends PublicCountingAdapter {
  /** What the store's client would say: a stand-in for a text that must not leak. */
  readonly fault = new Error('connect ECONNREFUSED 10.11.12.13:11211');
  readonly #inner: SessionAdapter;
  readonly #planned: PlannedAdapter;

  constructor(inner: SessionAdapter = new MemoryAdapter()) {
    const planned = new PlannedAdapter(inner);
    super(planned);
    this.#inner = inner;
    this.#planned = planned;
  }

  /** While true, every call rejects without being done. */
  get isDown(): boolean {
    return this.#planned.downWith !== undefined;
  }

  set isDown(isDown: boolean) {
    this.#planned.downWith = isDown ? this.fault : undefined;
  }

  /** The record as it stands there, read past the counting. */
  peek(key: string): Promise<StoredRecord | undefined> {
    return this.#inner.read(key);
  }

  /** Decides what becomes of the next call of that method, and for that key, that has no plan yet. */
  planNext(method: StoreMethod, plan: Plan, key?: string): void {
    this.#planned.plan(method, { plan, key });
  }

  /** The next calls reject without being done. */
  failNext(method: StoreMethod, times = 1): void {
    for (let call = 0; call < times; call++) {
      this.planNext(method, () => Promise.reject(this.fault));
    }
  }

  /** From now on the record under that key cannot be changed. */
  refuseUpdatesOf(key: string): void {
    const refuse: Plan = () => {
      this.planNext('update', refuse, key);
      return Promise.reject(this.fault);
    };
    this.planNext('update', refuse, key);
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

  /** The next call of that method, and for that key, waits until it is released. */
  holdNext(method: StoreMethod, key?: string): HeldCall {
    const events = new EventEmitter();
    const arrived = once(events, 'arrived');
    const released = once(events, 'released');
    const hold: Plan = async (execute) => {
      events.emit('arrived');
      await released;
      return execute();
    };
    this.planNext(method, hold, key);
    return { arrived, release: () => void events.emit('released') };
  }
}

interface PlannedCall {
  readonly plan: Plan;
  /** Undefined: whatever key it is for. */
  readonly key: string | undefined;
}

/** Does with each call what was planned for it. */
class PlannedAdapter extends SessionAdapter {
  /** What every call rejects with; undefined while the store is there. */
  downWith: Error | undefined;
  readonly #inner: SessionAdapter;
  readonly #plans = new Map<StoreMethod, PlannedCall[]>();

  constructor(inner: SessionAdapter) {
    super();
    this.#inner = inner;
  }

  plan(method: StoreMethod, call: PlannedCall): void {
    this.#plans.set(method, [...(this.#plans.get(method) ?? []), call]);
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#run('read', key, () => this.#inner.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#run('create', key, () => this.#inner.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#run('update', key, () => this.#inner.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#run('destroy', key, () => this.#inner.destroy(key));
  }

  async #run<T>(method: StoreMethod, key: string, execute: () => Promise<T>): Promise<T> {
    if (this.downWith) throw this.downWith;
    const calls = this.#plans.get(method) ?? [];
    const planned = calls.find((call) => (call.key ?? key) === key);
    if (planned === undefined) return execute();
    this.#plans.set(
      method,
      calls.filter((call) => call !== planned),
    );
    return planned.plan(execute);
  }
}
