import type { Deadline } from './deadline.js';
import type { LeftMark, OpenSession } from './record-store.js';
import type { UnfinishedMoves } from './unfinished-moves.js';

/** The marks of old ids that a request has to settle as soon as its answer tells the new one. */
export class LeftMarks {
  readonly #moves: UnfinishedMoves;
  #marks: readonly LeftMark[] = [];

  constructor(moves: UnfinishedMoves) {
    this.#moves = moves;
  }

  get areNone(): boolean {
    return this.#marks.length === 0;
  }

  /** Those that have led to a session, or are left behind by it. */
  add({ left }: OpenSession): void {
    if (left) this.#marks = [...this.#marks, ...left];
  }

  forget(): void {
    this.#marks = [];
  }

  /**
   * To be called when the answer that tells the new id is on its way; a store that fails does not
   * stop it.
   *
   * @returns undefined where there are none, as with nearly every answer
   */
  settle(deadline: Deadline): Promise<void> | undefined {
    if (this.areNone) return undefined;
    const marks = this.#marks;
    this.forget();
    return this.#moves.settle(deadline, marks);
  }
}
