import { atOnce, type CallOptions } from './bounded-adapter.js';
import { Deadline } from './deadline.js';
import { inParallel } from './in-parallel.js';

/**
 * What is to be done in the store. It may run twice, or twice at once. When it rejects, it stays.
 */
export type Work = (deadline: Deadline) => Promise<void>;

/** More is left only where the store goes away at a bad moment for many sessions. */
const MAX_WORKS = 1000;

/**
 * Work that the store has not let be done, one piece for each key. All of it is tried again, in
 * rounds a store timeout apart, until it is done or the application ends.
 */
export class Retries {
  readonly #storeTimeout: number;
  readonly #apart: NonNullable<CallOptions['apart']>;
  readonly #works = new Map<string, Work>();
  /** Waits for the next round, or has begun it. */
  #timer: NodeJS.Timeout | undefined;
  #round = Promise.resolve();
  #isStopped = false;

  constructor({ storeTimeout, apart = atOnce }: CallOptions) {
    this.#storeTimeout = storeTimeout;
    this.#apart = apart;
  }

  /** Tries it in the next round. */
  add(key: string, work: Work): void {
    this.#note(key, work);
    this.#wait();
  }

  /** Tries it now, and in later rounds where that fails. Never rejects. */
  async tryNow(deadline: Deadline, key: string, work: Work): Promise<void> {
    this.#note(key, work);
    await this.retry(deadline, key).catch(() => this.#wait());
  }

  /** Tries now what is left under a key. False: nothing is. */
  async retry(deadline: Deadline, key: string): Promise<boolean> {
    const work = this.#works.get(key);
    if (work === undefined) return false;
    await work(deadline);
    // Meanwhile other work may have come under that key.
    if (this.#works.get(key) === work) this.#works.delete(key);
    return true;
  }

  /** It is done, or need not be done any more. */
  forget(key: string): void {
    if (this.#works.size > 0) this.#works.delete(key);
  }

  /** Tries what is left for a last time, within one store timeout. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const deadline = new Deadline(this.#storeTimeout);
    const keys = Array.from(this.#works.keys());
    await inParallel(keys, (key) => this.retry(deadline, key).catch(ignore));
    await this.#round;
    this.#works.clear();
  }

  /** Where it is too much, the oldest is given up. */
  #note(key: string, work: Work): void {
    this.#works.set(key, work);
    if (this.#works.size <= MAX_WORKS) return;
    for (const oldest of this.#works.keys()) return void this.#works.delete(oldest);
  }

  #wait(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#works.size === 0) return;
    this.#timer = this.#apart(() =>
      setTimeout(() => this.#startRound(), this.#storeTimeout).unref(),
    );
  }

  #startRound(): void {
    this.#round = this.#tryAll();
  }

  async #tryAll(): Promise<void> {
    // Side by side: what waits for a node that hangs must not keep the others waiting.
    await inParallel(Array.from(this.#works.keys()), async (key) => {
      if (this.#isStopped) return;
      await this.retry(new Deadline(this.#storeTimeout), key).catch(ignore);
    });
    this.#timer = undefined;
    this.#wait();
  }
}

function ignore(): void {
  // It is tried again, if there is time for that; what can be done does not wait for it.
}
