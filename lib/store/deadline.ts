import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';

const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 128;

/** The store did not answer in the time that it has. */
export class StoreTimeoutException extends SessionStoreUnavailableException {
  constructor() {
    super(
      'The session store did not answer in time. Check that it is up; storeTimeout sets the time.',
    );
  }

  override get name(): string {
    return SessionStoreUnavailableException.name;
  }
}

/** The time that one operation may spend on the store, over all of its calls. */
export class Deadline {
  readonly #end: number;

  /** @param ms milliseconds from now */
  constructor(ms: number) {
    this.#end = performance.now() + ms;
  }

  /** Milliseconds that are left; 0 when the time is spent. */
  get remaining(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** The time of `performance.now()` at which a piece of the work is over, of `ms` at the most. */
  endWithin(ms: number): number {
    return Math.min(this.#end, performance.now() + ms);
  }

  /**
   * What `work` settles to, if it does so in time.
   *
   * @throws SessionStoreUnavailableException when the time is spent first
   */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(new StoreTimeoutException()), this.remaining).unref();
      work.then(
        (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }

  /** @throws SessionStoreUnavailableException when the time is spent */
  check(): void {
    if (this.remaining === 0) throw new StoreTimeoutException();
  }

  /**
   * A pause of random length that grows with the attempt, to let competing writers drift apart. Its
   * timer, of a tenth of a second at the most, keeps the process: a write is under way.
   */
  async backOff(attempt: number): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    await setTimeoutPromise(Math.min(this.remaining, Math.random() * longest));
    this.check();
  }
}
