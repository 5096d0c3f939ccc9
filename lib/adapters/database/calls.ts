import { Call } from './call.js';
import { closed, timedOut } from './errors.js';

/** The calls under way. Each settles within its time, and at once on `close`. */
export class Calls {
  readonly #limit: number;
  readonly #giveUps = new Set<(reason: Error) => void>();
  #closed = false;

  /** @param limit milliseconds that a call may take */
  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(work: (call: Call) => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    const call = new Call(this.#limit);
    return new Promise<T>((resolve, reject) => {
      const giveUp = (reason: Error): void => {
        call.finish();
        reject(reason);
      };
      const timer = setTimeout(() => giveUp(timedOut(this.#limit)), this.#limit).unref();
      this.#giveUps.add(giveUp);
      void work(call)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          this.#giveUps.delete(giveUp);
        });
    });
  }

  close(): void {
    this.#closed = true;
    for (const giveUp of this.#giveUps) giveUp(closed());
  }
}
