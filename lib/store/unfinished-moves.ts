import { Deadline } from './deadline.js';
import type { FailedMove, MoveMarks } from './move-marks.js';
import type { LeftMark } from './record-store.js';
import type { SessionCreator } from './session-creator.js';

/** Brings a move to its end; may be asked again where it rejects. */
type Finish = (deadline: Deadline) => Promise<void>;

/** More than that are under way only where the store is away for long. */
const MAX_MOVES = 1000;

/**
 * Moves to a new id that the store has not let come to their end. Those whose request was refused
 * are taken back, and those are settled whose client has the new id. Until the store lets it, a move
 * is remembered, and finished when the old id is asked for, or else by and by.
 */
export class UnfinishedMoves {
  readonly #marks: MoveMarks;
  readonly #creator: SessionCreator;
  readonly #storeTimeout: number;
  /** By the old key. */
  readonly #moves = new Map<string, Finish>();
  #isWaiting = false;

  /** @param storeTimeout milliseconds for one store call, and between two trials */
  constructor(marks: MoveMarks, creator: SessionCreator, storeTimeout: number) {
    this.#marks = marks;
    this.#creator = creator;
    this.#storeTimeout = storeTimeout;
  }

  /**
   * Takes back what failed while the store did not say whether the old record bears the mark, now or
   * as soon as the store lets it: the old record is there again, and after that the new one is
   * removed. Where an old id leads on to the new one, that stays.
   */
  takeBack(deadline: Deadline, move: FailedMove): Promise<void> {
    return this.#finish(deadline, move.old.key, async (current) => {
      const isUnderOldId = await this.#marks.takeBack(current, move);
      if (isUnderOldId) await this.#creator.discard(current, move.created);
    });
  }

  /** Sets an end to the old ids that have led to a session, now or as soon as the store lets it. */
  async settle(deadline: Deadline, left: readonly LeftMark[]): Promise<void> {
    for (const { key, mark } of left) {
      const settled = this.#marks.settled(mark);
      await this.#finish(deadline, key, (current) => this.#marks.settle(current, key, settled));
    }
  }

  /**
   * Finishes what is known to be unfinished under an old key. False: nothing is.
   *
   * @throws SessionStoreUnavailableException
   */
  async finishUnder(deadline: Deadline, key: string): Promise<boolean> {
    const finish = this.#moves.get(key);
    if (finish === undefined) return false;
    await finish(deadline);
    // Meanwhile another move may have failed under that key.
    if (this.#moves.get(key) === finish) this.#moves.delete(key);
    return true;
  }

  async #finish(deadline: Deadline, key: string, finish: Finish): Promise<void> {
    this.#moves.set(key, finish);
    for (const oldest of this.#moves.keys()) {
      if (this.#moves.size > MAX_MOVES) this.#moves.delete(oldest);
    }
    await this.finishUnder(deadline, key).catch(() => this.#wait());
  }

  #wait(): void {
    if (this.#isWaiting || this.#moves.size === 0) return;
    this.#isWaiting = true;
    setTimeout(() => void this.#finishAll(), this.#storeTimeout).unref();
  }

  async #finishAll(): Promise<void> {
    for (const key of Array.from(this.#moves.keys())) {
      const deadline = new Deadline(this.#storeTimeout);
      await this.finishUnder(deadline, key).catch(ignore);
    }
    this.#isWaiting = false;
    this.#wait();
  }
}

function ignore(): void {
  // It is tried again; what can be finished does not wait for it.
}
