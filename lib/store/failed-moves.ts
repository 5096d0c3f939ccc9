import type { Replaced } from '../record/record.js';
import { Deadline } from './deadline.js';
import type { MoveMarks } from './move-marks.js';
import type { LiveRecord, OpenSession } from './record-store.js';
import type { SessionCreator } from './session-creator.js';

/** A move that failed while the store did not say whether the old record bears the mark. */
export interface FailedMove {
  readonly old: LiveRecord;
  readonly mark: Replaced;
  readonly created: OpenSession;
}

/** More than that are under way only where the store is away for long. */
const MAX_MOVES = 1000;

/**
 * Takes back moves to a new id whose request was refused: the old record is put back in the place of
 * the mark, and after that the new one is removed. Until the store lets it, the move is remembered,
 * and taken back when the old id is asked for, or else by and by.
 */
export class FailedMoves {
  readonly #marks: MoveMarks;
  readonly #creator: SessionCreator;
  readonly #storeTimeout: number;
  readonly #moves = new Map<string, FailedMove>();
  #isWaiting = false;

  /** @param storeTimeout milliseconds for one store call, and between two trials */
  constructor(marks: MoveMarks, creator: SessionCreator, storeTimeout: number) {
    this.#marks = marks;
    this.#creator = creator;
    this.#storeTimeout = storeTimeout;
  }

  /** Takes it back, now or as soon as the store lets it. */
  async undo(deadline: Deadline, move: FailedMove): Promise<void> {
    this.#moves.set(move.old.key, move);
    for (const oldest of this.#moves.keys()) {
      if (this.#moves.size > MAX_MOVES) this.#moves.delete(oldest);
    }
    await this.undoUnder(deadline, move.old.key).catch(() => this.#wait());
  }

  /**
   * Takes back what is known to have failed under an old key. False: nothing is.
   *
   * @throws SessionStoreUnavailableException
   */
  async undoUnder(deadline: Deadline, key: string): Promise<boolean> {
    const move = this.#moves.get(key);
    if (move === undefined) return false;
    await this.#marks.takeBack(deadline, move.old, move.mark);
    // Meanwhile another move may have failed under that key.
    if (this.#moves.get(key) === move) this.#moves.delete(key);
    await this.#creator.discard(deadline, move.created);
    return true;
  }

  #wait(): void {
    if (this.#isWaiting || this.#moves.size === 0) return;
    this.#isWaiting = true;
    setTimeout(() => void this.#undoAll(), this.#storeTimeout).unref();
  }

  async #undoAll(): Promise<void> {
    for (const key of Array.from(this.#moves.keys())) {
      const deadline = new Deadline(this.#storeTimeout);
      await this.undoUnder(deadline, key).catch(ignore);
    }
    this.#isWaiting = false;
    this.#wait();
  }
}

function ignore(): void {
  // It is tried again; what can be taken back does not wait for it.
}
