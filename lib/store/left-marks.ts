import type { Deadline } from './deadline.js';
import type { LeftMark, OpenSession } from './record-store.js';
import type { SessionStore } from './session-store.js';

/** Milliseconds for which a session counts as just looked at, and those for looking again. */
export const FRESH_MS = 250;

/**
 * The marks of old ids that have led to a session, and the id of which its client has to be told. The
 * answer that does so settles the marks, and has to make sure that the id still is the session's:
 * others who were led there, or the owner's other requests, may have ended the session since, or given
 * it yet another id, and the browser may hold a newer cookie.
 */
export class LeftMarks {
  readonly #store: Pick<SessionStore, 'peek' | 'unfinishedMoves'>;
  #marks: readonly LeftMark[] = [];
  /** The id to which an old one has led, or that was given to a session with an owner. */
  #untold: { readonly id: string; readonly isKnownToOthers: boolean } | undefined;
  /** When the session was last read or stored, by `performance.now()`. */
  #seenAt = 0;
  #outdatedId: string | undefined;

  constructor(store: Pick<SessionStore, 'peek' | 'unfinishedMoves'>) {
    this.#store = store;
  }

  /** Whether there is something to do before the client is told its id, as with few answers. */
  get areToSettle(): boolean {
    return this.#marks.length > 0 || this.#isInDoubt;
  }

  /**
   * Notes what has led to a session, or was left behind by it.
   *
   * @param isNewId whether it was just stored under an id that the client does not have
   */
  add({ id, left, snapshot: { record } }: OpenSession, isNewId = false): void {
    this.#seenAt = performance.now();
    if (left !== undefined) {
      this.#marks = [...this.#marks, ...left];
      this.#untold = { id, isKnownToOthers: true };
    } else if (isNewId && record.owner !== undefined) {
      this.#untold = { id, isKnownToOthers: false };
    }
  }

  forget(): void {
    this.#marks = [];
    this.#untold = undefined;
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
    const isInDoubt = this.#isInDoubt && id === this.#untold?.id;
    this.forget();
    await this.#store.unfinishedMoves.settle(deadline, marks);
    if (isInDoubt) await this.confirm(deadline.remaining, id).catch(ignore);
  }

  /** Whether the session may have ended, or got another id, since it was seen. */
  get #isInDoubt(): boolean {
    if (this.#untold === undefined) return false;
    return this.#untold.isKnownToOthers || performance.now() - this.#seenAt > FRESH_MS;
  }
}

function ignore(): void {
  // Most likely nothing has happened, and the old id ends.
}
