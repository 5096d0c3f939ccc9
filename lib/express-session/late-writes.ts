/**
 * Milliseconds that a write is waited for that never calls back: by then every connection on which
 * it could still be carried out has ended, TCP itself having given up.
 */
const LONGEST_WAIT = 15 * 60_000;

/**
 * Writes that did not call back in time, and that the store may carry out yet: a store with several
 * connections keeps no order, so whatever is written after them could be overwritten by them.
 */
export class LateWrites {
  readonly #writes = new Map<string, Promise<void>>();

  /** Gives what is to be called when the store has called back. */
  add(sid: string): () => void {
    let resolve = (): void => {};
    const write = new Promise<void>((over) => (resolve = over));
    const end = (): void => {
      clearTimeout(timer);
      if (this.#writes.get(sid) === write) this.#writes.delete(sid);
      resolve();
    };
    const timer = setTimeout(end, LONGEST_WAIT).unref();
    this.#writes.set(sid, write);
    return end;
  }

  /** Resolves when the late write of a session is over; undefined where there is none. */
  of(sid: string): Promise<void> | undefined {
    return this.#writes.get(sid);
  }
}
