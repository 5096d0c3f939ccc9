import type { CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { FailedMove, MoveMarks } from './move-marks.js';
import type { LeftMark, OpenSession } from './record-store.js';
import { Retries } from './retries.js';
import type { SessionCreator } from './session-creator.js';

/**
 * Moves to a new id that a failing store has left unfinished. A move whose request was refused is
 * taken back, when its old id is asked for or by a retry. One whose client has the new id is
 * settled.
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
   * Takes back a failed move whose mark may be stored, now or as soon as the store lets it: the old
   * record is put back, then the new one is removed. Where the mark leads on to the new record,
   * both stay.
   */
  takeBack(deadline: Deadline, move: FailedMove): Promise<void> {
    return this.#retries.tryNow(deadline, move.old.key, async (current) => {
      const isUnderOldId = await this.#marks.takeBack(current, move);
      if (isUnderOldId) await this.discard(current, move.created);
    });
  }

  /** Removes a new session that nobody knows, now or as soon as the store lets it. */
  discard(deadline: Deadline, created: OpenSession): Promise<void> {
    return this.#retries.tryNow(deadline, created.snapshot.key, (current) =>
      this.#creator.discard(current, created.snapshot),
    );
  }

  /** Settles the marks that have led to a session, now or as soon as the store lets it. */
  async settle(deadline: Deadline, left: readonly LeftMark[]): Promise<void> {
    for (const { key, mark } of left) {
      const settled = this.#marks.settled(mark);
      // Not under the old key: a failed move may wait under that.
      await this.#retries.tryNow(deadline, mark.replacedBy, (current) =>
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
    return this.#retries.retry(deadline, key);
  }

  /** The application ends: what is left is tried for a last time. */
  stop(): Promise<void> {
    return this.#retries.stop();
  }
}
