import { SessionStoreUnavailableException } from '../../exceptions/session.exceptions.js';

/** Calls of which each ends within a limit, or when all of them are cancelled. */
export class BoundedCalls {
  readonly #limit: number;
  readonly #running = new Set<AbortController>();

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Settles as `work` does, or rejects when its time is over. From then on `signal` is aborted:
   * work that still goes on must send nothing more.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const call = new AbortController();
    this.#running.add(call);
    const timer = setTimeout(() => call.abort(this.#timeout()), this.#limit).unref();
    return Promise.race([work(call.signal), aborted(call.signal)]).finally(() => {
      clearTimeout(timer);
      this.#running.delete(call);
    });
  }

  cancelAll(reason: Error): void {
    for (const call of this.#running) call.abort(reason);
  }

  #timeout(): SessionStoreUnavailableException {
    return new SessionStoreUnavailableException(
      `Redis did not answer within ${this.#limit} ms. Look at the server and the network, or raise storeTimeout.`,
    );
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
