import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../../lib/adapters/session-adapter.js';
import type { Random } from '../../chaos/random.js';

/** The calls of several processes to one store, of which any may be the next one to be carried out. */
export class WaitingCalls {
  /** The keys under which sessions were ever created. */
  readonly sessionKeys = new Set<string>();
  /** Which part of the calls fails, and of which as many the answer is lost. */
  faultRate: number;
  readonly #store: SessionAdapter;
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];

  constructor(store: SessionAdapter, random: Random, faultRate: number) {
    this.#store = store;
    this.#random = random;
    this.faultRate = faultRate;
  }

  get areNone(): boolean {
    return this.#waiting.length === 0;
  }

  /** A way to the store for another process. */
  adapter(): SessionAdapter {
    return new WaitingAdapter(this.#store, this);
  }

  /** Carries out one of those that wait. */
  carryOutAny(): void {
    const [next] = this.#waiting.splice(this.#random.whole(0, this.#waiting.length - 1), 1);
    next?.();
  }

  wait<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        const chance = this.#random.next();
        if (chance < this.faultRate) return reject(new Error('It was not done.'));
        const answer = call();
        const isLost = chance < 2 * this.faultRate;
        answer.then(isLost ? () => reject(new Error('It was done.')) : resolve, reject);
      });
    });
  }
}

class WaitingAdapter extends SessionAdapter {
  readonly #store: SessionAdapter;
  readonly #calls: WaitingCalls;

  constructor(store: SessionAdapter, calls: WaitingCalls) {
    super();
    this.#store = store;
    this.#calls = calls;
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#calls.wait(() => this.#store.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    if (!key.includes(':owner:')) this.#calls.sessionKeys.add(key);
    return this.#calls.wait(() => this.#store.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#calls.wait(() => this.#store.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#calls.wait(() => this.#store.destroy(key));
  }
}
