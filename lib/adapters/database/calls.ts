import { CallTimer } from '../call-timer.js';
import { Call } from './call.js';
import { closed, timedOut } from './errors.js';

/** The calls under way. Each settles within its time, and at once on `close`. */
export class Calls {
  readonly #limit: number;
  readonly #timer: CallTimer;
  #closed = false;

  /** @param limit milliseconds that a call may take */
  constructor(limit: number) {
    this.#limit = limit;
    this.#timer = new CallTimer(() => timedOut(limit));
  }

  async run<T>(work: (call: Call) => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    return new Promise<T>((resolve, reject) => {
      const call = new Call(this.#limit);
      const limit = this.#timer.add(call.end, (reason) => {
        call.finish();
        reject(reason);
      });
      work(call)
        .finally(() => this.#timer.remove(limit))
        .then(resolve, reject);
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer.failAll(closed());
  }
}
