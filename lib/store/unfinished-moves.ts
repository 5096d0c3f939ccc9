import type { CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { FailedMove, MoveMarks } from './move-marks.js';
import type { LeftMark, OpenSession } from './record-store.js';
import { Retries } from './retries.js';
import type { SessionCreator } from './session-creator.js';

/**
 * Moves to a new id that the store has not let come to their end. Those whose request was refused
 * are taken back, when the old id is asked for or else by and by, and those are settled whose client
 * has the new id.
 */
export class UnfinishedMoves {
  readonly #marks: MoveMarks;
  readonly #creator: SessionCreator;
  readonly #retries: Retries;

  constructor(marks: MoveMarks, creator: SessionCreator, options: CallOptions) {
    this.#marks = marks;
    this.#creator = creator;
    this.#retries = new Retries(options);
  }

  /**
   * Takes back what failed while the store did not say whether the old record bears the mark, now or
   * as soon as the store lets it: the old record is there again, and after that the new one is
   * removed. Where an old id leads on to the new one, that stays.
   */
  takeBack(deadline: Deadline, move: FailedMove): Promise<void> {
    return this.#retries.begin(deadline, move.old.key, async (current) => {
      const isUnderOldId = await this.#marks.takeBack(current, move);
      if (isUnderOldId) await this.discard(current, move.created);
    });
  }

  /** Removes a new session that nobody knows, now or as soon as the store lets it. */
  discard(deadline: Deadline, created: OpenSession): Promise<void> {
    return this.#retries.begin(deadline, created.snapshot.key, (current) =>
      this.#creator.discard(current, created.snapshot),
    );
  }

  /** Sets an end to the old ids that have led to a session, now or as soon as the store lets it. */
  async settle(deadline: Deadline, left: readonly LeftMark[]): Promise<void> {
    for (const { key, mark } of left) {
      const settled = this.#marks.settled(mark);
      // Not by the old key: a move that seems to have failed may have yet to be looked after there.
      await this.#retries.begin(deadline, mark.replacedBy, (current) =>
        this.#marks.settle(current, key, settled),
      );
    }
  }

  /**
   * Takes back the move that is known to have failed under an old key. False: none is.
   *
   * @throws SessionStoreUnavailableException
   */
  takeBackUnder(deadline: Deadline, key: string): Promise<boolean> {
    return this.#retries.finish(deadline, key);
  }

  /** The application ends: what is left is tried for a last time. */
  stop(): Promise<void> {
    return this.#retries.stop();
  }
}
