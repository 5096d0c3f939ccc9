import { createWriteId } from '../record/write-log.js';
import type { Deadline } from './deadline.js';
import type { EndedKeys } from './ended-keys.js';
import type { MoveMarks } from './move-marks.js';
import { isOutcomeUnknown, MAX_FAULTS } from './outcome.js';
import type { OwnersSessions } from './owned-sessions.js';
import { RecentMap } from './recent-map.js';
import {
  hasVersion,
  type OpenSession,
  type RecordStore,
  type Snapshot,
  type VersionedSnapshot,
} from './record-store.js';
import { isOpen, type SessionFinder } from './session-finder.js';
import { SessionGoneException } from './session-gone.exception.js';
import type { SessionTeller } from './session-teller.js';
import type { UnfinishedMoves } from './unfinished-moves.js';

/** What ends sessions. */
export interface EnderParts {
  readonly records: RecordStore;
  readonly finder: SessionFinder;
  readonly marks: MoveMarks;
  readonly unfinished: UnfinishedMoves;
  readonly owned: OwnersSessions;
  readonly ended: EndedKeys;
  readonly teller: SessionTeller;
  /** Whether ids are renewed by the clock. */
  readonly renewsIds: boolean;
}

interface KnownId {
  readonly id: string;
  readonly key: string;
}

/** Where a session is now. */
interface LastFound {
  readonly last: Snapshot;
  /** Whether it lives there. */
  readonly isThere: boolean;
  /** Whether it bears a mark of ours: it opens nothing any more, even if it cannot be removed. */
  readonly isPinned?: boolean;
  /** Whether another process is giving the session a new id, which is not known here. */
  readonly isMoving?: boolean | undefined;
}

const KEPT_MOVES = 1000;

/** Ends sessions, also those that other requests give new ids meanwhile. */
export class SessionEnder {
  readonly #parts: EnderParts;
  /** Where this process has moved sessions lately, by their old keys. */
  readonly #moved = new RecentMap<KnownId>(KEPT_MOVES);

  constructor(parts: EnderParts) {
    this.#parts = parts;
  }

  /** A request that knows the session by its old key ends it under the new one. */
  noteMove(oldKey: string, { id, snapshot: { key } }: OpenSession): void {
    this.#moved.set(oldKey, { id, key });
  }

  /**
   * Removes a session for good, under whichever id it is now.
   *
   * @throws SessionConflictException where it is on its way to an id that cannot be told
   * @throws SessionStoreUnavailableException
   */
  async destroy(deadline: Deadline, session: OpenSession): Promise<void> {
    const { records, unfinished, ended, teller } = this.#parts;
    await unfinished.takeBackUnder(deadline, session.snapshot.key);
    const { last, isThere, isPinned, isMoving } = await this.#findLast(deadline, session);
    if (isMoving && !(await this.#endSuccessors(deadline, last))) throw new SessionGoneException();
    const remove = (): Promise<void> => records.destroy(deadline, last.key);
    await remove().catch(isPinned ? ignore : remove);
    ended.add(last.key);
    if (isThere) teller.destroyed(last);
    // A request that has given it a new id has listed that first.
    await this.#endSuccessors(deadline, last);
  }

  /** The key of the session, as far as this process has moved it. */
  lastKey(session: OpenSession): string {
    return this.#lastKnown(session).key;
  }

  #lastKnown({ id, snapshot: { key } }: OpenSession): KnownId {
    let last = { id, key };
    for (let next = this.#moved.get(key); next; next = this.#moved.get(next.key)) last = next;
    return last;
  }

  /**
   * Where the session is now. With `renewAfter` any request may move it at any moment, so it is
   * pinned there.
   */
  async #findLast(deadline: Deadline, session: OpenSession): Promise<LastFound> {
    const { finder, renewsIds } = this.#parts;
    const { id } = this.#lastKnown(session);
    for (let attempt = 0, faults = 0; ; attempt++) {
      try {
        const found = await finder.find(deadline, id);
        if (!isOpen(found)) {
          const last = { ...session.snapshot, key: found.key };
          return { last, isThere: false, isMoving: found.isMoving };
        }
        const { snapshot: last } = found;
        if (!renewsIds || !hasVersion(last)) return { last, isThere: true };
        if (await this.#pin(deadline, last)) return { last, isThere: true, isPinned: true };
      } catch (error) {
        if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
      }
      await deadline.backOff(attempt);
    }
  }

  /**
   * Puts a mark without an alias in the session's place: no other request can move it before it is
   * removed. False: another request has changed it.
   */
  async #pin(deadline: Deadline, last: VersionedSnapshot): Promise<boolean> {
    const { marks } = this.#parts;
    const mark = { replacedBy: createWriteId() };
    try {
      return await marks.put(deadline, last, mark);
    } catch (error) {
      if (await marks.stands(deadline, last.key, mark).catch(() => false)) return true;
      throw error;
    }
  }

  /**
   * Ends the session also under the new ids that other requests give it meanwhile. False: none is
   * known.
   */
  async #endSuccessors(deadline: Deadline, ended: Snapshot): Promise<boolean> {
    const { owned, teller } = this.#parts;
    const { owner } = ended.record;
    if (owner === undefined) return false;
    const keys = await owned.endSuccessors(deadline, owner, ended.key);
    for (const key of keys) teller.destroyed({ ...ended, key });
    return keys.length > 0;
  }
}

function ignore(): void {
  // It is pinned, and ends by itself.
}
