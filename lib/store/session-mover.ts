import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import { sealId } from '../record/alias.js';
import { createWriteId } from '../record/write-log.js';
import type { Deadline } from './deadline.js';
import type { KeyQueue } from './key-queue.js';
import type { FailedMove, MoveMarks } from './move-marks.js';
import { isOutcomeUnknown, MAX_FAULTS } from './outcome.js';
import type { OpenSession, RecordStore, Rewrite, VersionedSnapshot } from './record-store.js';
import type { Listing, SessionCreator } from './session-creator.js';
import type { UnfinishedMoves } from './unfinished-moves.js';

/** What becomes of the old id: it ends, leads on to the new one for a moment, or stays. */
export type OldId = 'ends' | 'alias' | 'stays';

/** How a session gets its new id. */
export interface Move {
  readonly oldId: OldId;
  readonly info?: Listing['info'];
}

/** A move that is under way: the newest old record, and the new one that was made of it. */
interface Moving extends FailedMove {
  old: VersionedSnapshot;
  created: OpenSession;
  /** How often the store did not say whether it has marked the old one. */
  faults: number;
}

/**
 * Moves sessions to new ids: the new record is created, the old one marked by compare-and-swap so
 * that no change made meanwhile is left behind, and then deleted.
 */
export class SessionMover {
  readonly #records: RecordStore;
  readonly #marks: MoveMarks;
  readonly #creator: SessionCreator;
  readonly #unfinished: UnfinishedMoves;
  readonly #commits: KeyQueue;

  /** @param commits where this process's commits wait for each other */
  constructor(
    records: RecordStore,
    marks: MoveMarks,
    creator: SessionCreator,
    unfinished: UnfinishedMoves,
    commits: KeyQueue,
  ) {
    this.#records = records;
    this.#marks = marks;
    this.#creator = creator;
    this.#unfinished = unfinished;
    this.#commits = commits;
  }

  /**
   * @param newest the record to move, if it is known to be fresh
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException; the old id stays valid
   */
  async move(
    deadline: Deadline,
    { id, snapshot: { key } }: OpenSession,
    newest: VersionedSnapshot | undefined,
    rewrite: Rewrite,
    { oldId, info }: Move,
  ): Promise<OpenSession> {
    await this.#unfinished.takeBackUnder(deadline, key);
    const old = newest ?? (await this.#records.newest(deadline, key));
    const record = rewrite(old);
    const changesOwner = record.owner !== old.record.owner;
    const origin = oldId === 'stays' ? { beside: key } : { replaced: key, changesOwner };
    const listing = { info, ...origin };
    const created = await this.#creator.create(deadline, record, listing, old.record.writes);
    if (oldId === 'stays') return this.#beside(deadline, key, created);
    const alias = oldId === 'alias' ? { sealed: sealId(created.id, id) } : undefined;
    const mark = { replacedBy: createWriteId(), alias, isUnsettled: true };
    const move: Moving = { old, mark, created, faults: 0 };
    try {
      await this.#retire(deadline, move, rewrite);
    } catch (error) {
      await this.#takeBack(deadline, move);
      throw error;
    }
    if (alias) return { ...move.created, left: [{ key, mark }] };
    await this.#marks
      .end(deadline, key)
      .catch(() => this.#unfinished.settle(deadline, [{ key, mark }]));
    return move.created;
  }

  /** Where the original was ended meanwhile, as by `revokeAll()`, its copy is removed, too. */
  async #beside(deadline: Deadline, oldKey: string, created: OpenSession): Promise<OpenSession> {
    try {
      await this.#records.newest(deadline, oldKey);
      return created;
    } catch (error) {
      await this.#unfinished.discard(deadline, created);
      throw error;
    }
  }

  /**
   * Marks the old record. What others have changed in it meanwhile is brought over to the new one
   * first; this process's own commits wait for that, or it might never end.
   */
  async #retire(deadline: Deadline, move: Moving, rewrite: Rewrite): Promise<void> {
    if (await this.#hasMarked(deadline, move)) return;
    const { key } = move.old;
    await this.#commits.run(key, deadline, async () => {
      for (let attempt = 0; ; attempt++) {
        const found = await this.#records.read(deadline, key);
        if (found && 'replacedBy' in found && found.replacedBy === move.mark.replacedBy) return;
        move.old = this.#records.requireNewest(found);
        const isBroughtOver = await this.#bringOver(deadline, move, rewrite(move.old));
        if (isBroughtOver && (await this.#hasMarked(deadline, move))) return;
        await deadline.backOff(attempt);
      }
    });
  }

  /** False: the record was changed, or the store failed and may have done it. */
  async #hasMarked(deadline: Deadline, move: Moving): Promise<boolean> {
    try {
      return await this.#marks.put(deadline, move.old, move.mark);
    } catch (error) {
      if (!isOutcomeUnknown(error) || ++move.faults === MAX_FAULTS) throw error;
      return false;
    }
  }

  /** Where the mark may be stored, now or later, the old record has to be put back first. */
  async #takeBack(deadline: Deadline, move: Moving): Promise<void> {
    if (move.faults > 0) await this.#unfinished.takeBack(deadline, move);
    else await this.#unfinished.discard(deadline, move.created);
  }

  /**
   * Replaces the new record, and its log of writes. False: others have changed it, since a mark
   * that seemed to fail was stored and has led them there.
   *
   * @throws SessionConflictException when it was ended with the other sessions of its owner
   */
  async #bringOver(
    deadline: Deadline,
    move: Moving,
    record: ReturnType<Rewrite>,
  ): Promise<boolean> {
    const { id, snapshot: known } = move.created;
    const found = await this.#records.newest(deadline, known.key);
    if (found.data === known.data) {
      const newest = { ...found, record: { ...found.record, writes: move.old.record.writes } };
      const snapshot = await this.#records.replace(deadline, newest, record, createWriteId());
      if (snapshot) {
        move.created = { id, snapshot };
        return true;
      }
      await this.#records.newest(deadline, known.key);
    }
    if (move.mark.alias && move.faults > 0) return false;
    throw new SessionStoreUnavailableException(
      'The session store changed a record that nobody else can know. Check that it is not shared ' +
        'with a program that writes under the same prefix.',
    );
  }
}
