import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import { sealId } from '../record/alias.js';
import { createWriteId } from '../record/write-log.js';
import type { Replaced } from '../record/record.js';
import type { Deadline } from './deadline.js';
import {
  hasVersion,
  type LiveRecord,
  type OpenSession,
  type RecordStore,
  type Rewrite,
  type Snapshot,
} from './record-store.js';
import {
  isOutcomeUnknown,
  type Listing,
  MAX_FAULTS,
  type SessionCreator,
} from './session-creator.js';
import { isOpen, type SessionFinder } from './session-finder.js';

/** What becomes of the id that a session leaves behind: nothing, nothing for now, or no change. */
export type OldId = 'ends' | 'alias' | 'stays';

/** How a session gets its new id. */
export interface Move {
  readonly oldId: OldId;
  readonly info?: Listing['info'];
}

/** Milliseconds for which an id that was renewed still leads to the session. */
const ALIAS_MS = 30_000;

/**
 * Moves sessions to new ids: the new record is created, the old one marked by compare-and-swap so
 * that no change made meanwhile is left behind, and then deleted.
 */
export class SessionMover {
  readonly #records: RecordStore;
  readonly #finder: SessionFinder;
  readonly #creator: SessionCreator;

  constructor(records: RecordStore, finder: SessionFinder, creator: SessionCreator) {
    this.#records = records;
    this.#finder = finder;
    this.#creator = creator;
  }

  /**
   * @param newest the record to move, if it is known to be fresh
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException; the old id stays valid
   */
  async move(
    deadline: Deadline,
    { id, snapshot: { key } }: OpenSession,
    newest: LiveRecord | undefined,
    rewrite: Rewrite,
    { oldId, info }: Move,
  ): Promise<OpenSession> {
    const old = newest ?? (await this.#records.newest(deadline, key));
    const record = rewrite(old);
    const takesPlace = oldId !== 'stays' && record.owner === old.record.owner;
    const listing = { info, replaced: takesPlace ? key : undefined };
    const created = await this.#creator.create(deadline, record, listing, old.record.writes);
    if (oldId === 'stays') return created;
    const alias = { sealed: sealId(created.id, id), until: Date.now() + ALIAS_MS };
    const mark = { replacedBy: createWriteId(), alias: oldId === 'alias' ? alias : undefined };
    try {
      return {
        id: created.id,
        snapshot: await this.#retire(deadline, old, mark, created, rewrite),
      };
    } catch (error) {
      // Where the mark may stand without our knowing, the alias must not lead nowhere.
      if (oldId === 'ends' || !isOutcomeUnknown(error))
        await this.#creator.discard(deadline, created);
      throw error;
    }
  }

  /**
   * Keeps a session from being renewed by another request, which would carry it away from under a
   * destroy: it is marked as replaced, without a way to a new id.
   */
  async pin(deadline: Deadline, id: string): Promise<{ readonly key: string }> {
    for (let attempt = 0, faults = 0; ; attempt++) {
      const found = await this.#finder.find(deadline, id);
      if (!isOpen(found) || !hasVersion(found.snapshot)) return found;
      const mark = { replacedBy: createWriteId() };
      try {
        if (await this.#records.mark(deadline, found.snapshot, mark)) return found.snapshot;
      } catch (error) {
        if (++faults === MAX_FAULTS) throw error;
      }
      await deadline.backOff(attempt);
    }
  }

  /** Marks the old record; first what others changed in it meanwhile is brought over to the new one. */
  async #retire(
    deadline: Deadline,
    old: LiveRecord,
    mark: Replaced,
    created: OpenSession,
    rewrite: Rewrite,
  ): Promise<Snapshot> {
    let newest = old;
    let moved = created.snapshot;
    for (let attempt = 0, faults = 0; ; attempt++) {
      try {
        if (await this.#records.mark(deadline, newest, mark)) break;
      } catch (error) {
        if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
      }
      const found = await this.#records.read(deadline, old.key);
      if (found && 'replacedBy' in found && found.replacedBy === mark.replacedBy) break;
      newest = this.#records.requireNewest(found);
      moved = await this.#overwrite(deadline, moved.key, rewrite(newest), newest.record.writes);
      if (attempt > 0) await deadline.backOff(attempt);
    }
    if (mark.alias === undefined) await this.#records.destroy(deadline, old.key).catch(ignore);
    return moved;
  }

  /** Replaces a record whose id nobody else knows yet, and its log of writes. */
  async #overwrite(
    deadline: Deadline,
    key: string,
    record: ReturnType<Rewrite>,
    writes: string,
  ): Promise<Snapshot> {
    const found = await this.#records.newest(deadline, key);
    const newest = { ...found, record: { ...found.record, writes } };
    const written = await this.#records.replace(deadline, newest, record, createWriteId());
    if (written) return written;
    throw new SessionStoreUnavailableException(
      'The session store changed a record that nobody else can know. Check that it is not shared ' +
        'with a program that writes under the same prefix.',
    );
  }
}

function ignore(): void {
  // The mark opens nothing, and ends by itself.
}
