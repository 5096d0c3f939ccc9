import type { Deadline } from './deadline.js';
import type { LeftMark, OpenSession } from './record-store.js';
import type { SessionStore } from './session-store.js';

/**
 * The marks of old ids that have led to a session. The answer that tells its client the new id settles
 * them, and has to make sure that it still is the session's: others who were led there may have ended
 * the session since, or given it yet another id, and the browser may hold that.
 */
export class LeftMarks {
  readonly #store: Pick<SessionStore, 'peek' | 'unfinishedMoves'>;
  #marks: readonly LeftMark[] = [];
  /** The id to which an old one has led, until it is told. */
  #ledTo: string | undefined;
  #outdatedId: string | undefined;

  constructor(store: Pick<SessionStore, 'peek' | 'unfinishedMoves'>) {
    this.#store = store;
  }

  /** Whether there is something to do before the client is told its id, as with few answers. */
  get areToSettle(): boolean {
    return this.#marks.length > 0 || this.#ledTo !== undefined;
  }

  /** Notes what has led to a session, or was left behind by it. */
  add({ id, left }: OpenSession): void {
    if (left === undefined) return;
    this.#marks = [...this.#marks, ...left];
    this.#ledTo = id;
  }

  forget(): void {
    this.#marks = [];
    this.#ledTo = undefined;
  }

  /** Whether this id was the session's, and is so no more. */
  isOutdated(id: string): boolean {
    return id === this.#outdatedId;
  }

  /**
   * Looks whether an id still is the session's.
   *
   * @param ms milliseconds until the store is taken not to answer
   * @throws SessionStoreUnavailableException
   */
  async confirm(ms: number, id: string): Promise<void> {
    const found = await this.#store.peek(id, ms);
    if (found?.id !== id) this.#outdatedId = id;
  }

  /** To be called when the answer is on its way; a store that fails does not stop it. */
  async settle(deadline: Deadline, id: string): Promise<void> {
    const marks = this.#marks;
    const isKnownToOthers = id === this.#ledTo;
    this.forget();
    await this.#store.unfinishedMoves.settle(deadline, marks);
    if (isKnownToOthers) await this.confirm(deadline.remaining, id).catch(ignore);
  }
}

function ignore(): void {
  // Most likely nothing has happened, and the old id ends.
}
