import { CallTimer } from './call-timer.js';

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
  readonly #timer: CallTimer;

  /**
   * @param limit milliseconds
   * @param lateness makes what a call rejects with that takes longer
   */
  constructor(limit: number, lateness: () => Error) {
    this.#limit = limit;
    this.#timer = new CallTimer(lateness);
  }

  /**
   * Settles as `work` does, or rejects when its time is over. From then on the call is cancelled:
   * work that still goes on must send nothing more.
   */
  run<T>(work: (call: BoundedCall) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = new BoundedCall(reject);
      const limit = this.#timer.add(performance.now() + this.#limit, (reason) =>
        call.cancel(reason),
      );
      const fail = (error: Error): void => {
        if (this.#timer.remove(limit)) reject(error);
      };
      try {
        work(call).then((value) => {
          if (this.#timer.remove(limit)) resolve(value);
        }, fail);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  cancelAll(reason: Error): void {
    this.#timer.failAll(reason);
  }
}
