import { unsealId } from '../record/alias.js';
import { sessionKey } from '../record/ids.js';
import type { Replaced } from '../record/record.js';
import type { Deadline } from './deadline.js';
import type { LifeCorrections } from './life-corrections.js';
import type { MoveMarks } from './move-marks.js';
import {
  isSnapshot,
  type LeftMark,
  type OpenSession,
  type RecordStore,
  type Snapshot,
  type Stored,
  type VersionedSnapshot,
} from './record-store.js';
import { SessionGoneException } from './session-gone.exception.js';
import type { UnfinishedMoves } from './unfinished-moves.js';

/** Where an id leads: to a session, or to nothing. */
export interface Found {
  readonly id: string;
  readonly key: string;
  readonly snapshot: Snapshot | undefined;
  /** Why there is no snapshot, where the record itself says so. */
  readonly why?: 'absolute' | 'unreadable' | undefined;
  /** Whether the session is on its way to a new id, and may come back. */
  readonly isMoving?: boolean;
  /** The marks that have led there and are not settled. */
  readonly left?: readonly LeftMark[];
}

type OpenFound = Found & OpenSession;

/** A session to write over. */
export type FoundLive = OpenSession & { readonly snapshot: VersionedSnapshot };

/**
 * Finds sessions by their ids, also by those that were renewed a moment ago. What every request
 * calls is written with `then`: an async function would add a promise.
 */
export class SessionFinder {
  readonly #records: RecordStore;
  readonly #marks: MoveMarks;
  readonly #unfinished: UnfinishedMoves;
  readonly #corrections: LifeCorrections;
  readonly #prefix: string;

  constructor(
    records: RecordStore,
    marks: MoveMarks,
    unfinished: UnfinishedMoves,
    corrections: LifeCorrections,
    prefix: string,
  ) {
    this.#records = records;
    this.#corrections = corrections;
    this.#marks = marks;
    this.#unfinished = unfinished;
    this.#prefix = prefix;
  }

  /**
   * The live record of an id, or of the id that it was renewed to. What has outlived its absolute
   * lifetime is removed.
   *
   * @param ttl seconds that its life is extended to
   */
  find(deadline: Deadline, id: string, ttl?: number): Promise<Found> {
    const key = sessionKey(this.#prefix, id);
    return this.#records
      .read(deadline, key, ttl)
      .then((found) =>
        this.#records.isLive(found)
          ? { id, key, snapshot: found }
          : this.#follow(deadline, { id, key }, found, ttl),
      );
  }

  /**
   * As `find`, but waits while a move of the session to a new id may still fail: then the process
   * that makes it puts the old record back.
   *
   * @throws SessionStoreUnavailableException when it is not settled in time
   */
  findSettled(deadline: Deadline, id: string, ttl?: number, attempt = 0): Promise<Found> {
    return this.find(deadline, id, ttl).then((found) => {
      if (found.isMoving !== true) return found;
      return deadline.backOff(attempt).then(() => this.findSettled(deadline, id, ttl, attempt + 1));
    });
  }

  /**
   * As `findSettled`, and extends the session's life. A session with a lifetime of its own that this
   * process has not seen yet is read a second time, with that.
   */
  extend(deadline: Deadline, id: string): Promise<Found> {
    const { lifetimes, ownLifetimes } = this.#records;
    const known = ownLifetimes.areNone ? undefined : ownLifetimes.of(sessionKey(this.#prefix, id));
    const ttl = known ? lifetimes.ttl(known, Date.now()) : lifetimes.idle;
    return this.findSettled(deadline, id, ttl).then((found) => {
      if (!isOpen(found)) return found;
      const { record } = found.snapshot;
      if (lifetimes.idleOf(record) !== lifetimes.idleOf(known))
        return this.#correct(deadline, id, found);
      this.#corrections.remove(found.key);
      return found;
    });
  }

  /**
   * As `find`, for a session to write over.
   *
   * @param isOutcomeKnown false where an earlier attempt to write may have been stored
   * @throws SessionConflictException when the id leads to nothing
   */
  async newest(deadline: Deadline, id: string, isOutcomeKnown: boolean): Promise<FoundLive> {
    const found = await this.find(deadline, id);
    if (!isOpen(found) && !isOutcomeKnown) throw new SessionGoneException(false);
    const snapshot = this.#records.requireNewest(found.snapshot);
    return { id: found.id, snapshot, left: found.left };
  }

  /** Reads a session again with its own lifetime, after it was read with another one. */
  #correct(deadline: Deadline, id: string, { key, snapshot }: OpenFound): Promise<Found> {
    const ttl = this.#records.lifetimes.ttl(snapshot.record, Date.now());
    return this.findSettled(deadline, id, ttl).catch((error: unknown) => {
      this.#corrections.add(key);
      throw error;
    });
  }

  /** What becomes of an id under which no session lives. */
  async #follow(
    deadline: Deadline,
    { id, key }: { readonly id: string; readonly key: string },
    found: Stored,
    ttl: number | undefined,
  ): Promise<Found> {
    if (found && 'replacedBy' in found) {
      const mark = this.#marks.known(found);
      const newId = renewedId(mark, id);
      if (newId !== undefined) return this.#leadOn(deadline, newId, { key, mark }, ttl);
      // A renewal never goes back to the old record.
      const mayBeBack = !mark.alias && (await this.#unfinished.takeBackUnder(deadline, key));
      if (mayBeBack) return this.find(deadline, id, ttl);
      const isMoving = await this.#marks.mayBeTakenBack(deadline, key, found);
      return { id, key, snapshot: undefined, isMoving };
    }
    if (found && 'isUnreadable' in found)
      return { id, key, snapshot: undefined, why: 'unreadable' };
    if (!isSnapshot(found)) return { id, key, snapshot: undefined };
    await this.#records.destroy(deadline, key).catch(ignore);
    this.#tellOfEnd(found);
    return { id, key, snapshot: undefined, why: 'absolute' };
  }

  async #leadOn(
    deadline: Deadline,
    newId: string,
    from: LeftMark,
    ttl: number | undefined,
  ): Promise<Found> {
    const found = await this.find(deadline, newId, ttl);
    const { left = [] } = found;
    return { ...found, left: from.mark.isUnsettled ? [from, ...left] : left };
  }

  #tellOfEnd({ key, record: { owner } }: Snapshot): void {
    const { observer } = this.#records;
    if (observer.hears('expired')) observer.tell('expired', { key, owner, reason: 'absolute' });
  }
}

export function isOpen(found: Found): found is OpenFound {
  return found.snapshot !== undefined;
}

/** As long as it is not settled, nobody may have been told the new id, and the old one leads on. */
function renewedId({ alias, isUnsettled }: Replaced, oldId: string): string | undefined {
  if (alias === undefined) return undefined;
  if (isUnsettled !== true && Date.now() >= (alias.until ?? 0)) return undefined;
  try {
    return unsealId(alias.sealed, oldId);
  } catch {
    // Whoever put it there did not know the old id: it leads nowhere.
    return undefined;
  }
}

function ignore(): void {
  // It is out of use, and ends by itself.
}
