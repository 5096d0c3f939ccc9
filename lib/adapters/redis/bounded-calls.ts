import { type Expiring, CallTimer } from '../call-timer.js';
import { SessionStoreUnavailableException } from '../../exceptions/session.exceptions.js';

/** A call that may be over before its work is. */
export class BoundedCall {
  readonly #onCancel: (reason: Error) => void;
  #reason: Error | undefined;
  #controller: AbortController | undefined;

  constructor(onCancel: (reason: Error) => void) {
    this.#onCancel = onCancel;
  }

  /** Aborted when the call is cancelled. Made on demand: a signal costs as much as the command. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  cancel(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onCancel(reason);
  }

  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason;
  }
}

/** Runs calls of which each ends within a limit, or when all of them are cancelled. */
export class BoundedCalls {
  readonly #limit: number;
  readonly #running = new Set<BoundedCall>();
  readonly #timer = new CallTimer();

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Settles as `work` does, or rejects when its time is over. From then on the call is cancelled:
   * work that still goes on must send nothing more.
   */
  run<T>(work: (call: BoundedCall) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        this.#timer.remove(limit);
        this.#running.delete(call);
        outcome();
      };
      const call = new BoundedCall((reason) => settle(() => reject(reason)));
      const limit: Expiring = {
        end: performance.now() + this.#limit,
        expire: () => call.cancel(this.#timeout()),
      };
      this.#timer.add(limit);
      this.#running.add(call);
      const fail = (error: Error): void => settle(() => reject(error));
      try {
        work(call).then((value) => settle(() => resolve(value)), fail);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  cancelAll(reason: Error): void {
    for (const call of this.#running) call.cancel(reason);
  }

  #timeout(): SessionStoreUnavailableException {
    return new SessionStoreUnavailableException(
      `Redis did not answer within ${this.#limit} ms. Look at the server and the network, or raise storeTimeout.`,
    );
  }
}
