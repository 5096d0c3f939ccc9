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
  /**
   * Which part of the calls fails, of which as many the answer is lost, and as many are said to have
   * failed and are done later.
   */
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
  adapter(): WaitingAdapter {
    return new WaitingAdapter(this.#store, this);
  }

  /** Carries out one of those that wait. */
  carryOutAny(): void {
    const [next] = this.#waiting.splice(this.#random.whole(0, this.#waiting.length - 1), 1);
    next?.();
  }

  /** @param isCut whether the process that calls has died, so that nobody hears the answer */
  wait<T>(call: () => Promise<T>, isCut: () => boolean): Promise<T> {
    if (isCut()) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        if (isCut()) return this.#random.next() < 0.5 ? void call() : undefined;
        const chance = this.#random.next() / this.faultRate;
        if (chance < 1) return reject(new Error('It was not done.'));
        if (chance < 2) return void call().then(() => reject(new Error('It was done.')), reject);
        if (chance >= 3) return void call().then(resolve, reject);
        this.#waiting.push(() => void call());
        reject(new Error('It is done later.'));
      });
    });
  }
}

/** One process's way to the store. */
class WaitingAdapter extends SessionAdapter {
  /** The process has died: nothing comes back any more. */
  isCut = false;
  readonly #store: SessionAdapter;
  readonly #calls: WaitingCalls;

  constructor(store: SessionAdapter, calls: WaitingCalls) {
    super();
    this.#store = store;
    this.#calls = calls;
  }

  read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#wait(() => this.#store.read(key, ttl));
  }

  create(key: string, data: string, ttl: number): Promise<boolean> {
    if (!key.includes(':owner:')) this.#calls.sessionKeys.add(key);
    return this.#wait(() => this.#store.create(key, data, ttl));
  }

  update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    return this.#wait(() => this.#store.update(key, data, ttl, version));
  }

  destroy(key: string): Promise<void> {
    return this.#wait(() => this.#store.destroy(key));
  }

  #wait<T>(call: () => Promise<T>): Promise<T> {
    return this.#calls.wait(call, () => this.isCut);
  }
}
