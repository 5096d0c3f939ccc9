import { type Replaced, serializeRecord } from '../record/record.js';
import type { BoundedAdapter } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { EndedKeys } from './ended-keys.js';
import { MAX_FAULTS } from './outcome.js';
import { RecentMap } from './recent-map.js';
import {
  type FoundMark,
  hasVersion,
  isSnapshot,
  type OpenSession,
  type RecordStore,
  type Stored,
  type VersionedSnapshot,
} from './record-store.js';

/** Seconds that the mark of an exchanged id stays at least: longer than its alias leads on. */
const MARK_TTL = 60;
/** Milliseconds for which an id that was renewed still leads to the session. */
const ALIAS_MS = 30_000;
/** After this many store timeouts whoever made a mark is not waited for any more. */
const UNSETTLED_TIMEOUTS = 6;
const KEPT_MARKS = 1000;

/** A move that failed while the store did not say whether the old record bears the mark. */
export interface FailedMove {
  readonly old: VersionedSnapshot;
  readonly mark: Replaced;
  readonly created: OpenSession;
}

/** When this process looked at a mark last, and for how many milliseconds it has seen it. */
interface Seen {
  readonly at: number;
  readonly total: number;
}

/**
 * The marks that stand under ids which were exchanged for new ones: how they are put there, taken
 * back where the exchange fails, and what they say until then.
 */
export class MoveMarks {
  readonly #adapter: BoundedAdapter;
  readonly #records: RecordStore;
  readonly #ended: EndedKeys;
  readonly #storeTimeout: number;
  /**
   * For how long this process has seen marks that are not settled. No time stands in them: another
   * process's clock may be wrong.
   */
  readonly #seen = new RecentMap<Seen>(KEPT_MARKS);
  /** What this process has settled, or will as soon as the store lets it. */
  readonly #settled = new RecentMap<Replaced>(KEPT_MARKS);

  /**
   * @param ended the keys that open nothing any more, as far as this process knows
   * @param storeTimeout milliseconds for one store call
   */
  constructor(
    adapter: BoundedAdapter,
    records: RecordStore,
    ended: EndedKeys,
    storeTimeout: number,
  ) {
    this.#adapter = adapter;
    this.#records = records;
    this.#ended = ended;
    this.#storeTimeout = storeTimeout;
  }

  /** Puts one in the place of a record. False: that was changed or is gone. */
  put(
    deadline: Deadline,
    { key, version, record }: VersionedSnapshot,
    mark: Replaced,
  ): Promise<boolean> {
    // As long as the session might be put back in its place, or be asked for by its old id.
    const ttl = Math.max(MARK_TTL, this.#records.lifetimes.ttl(record, Date.now()));
    return this.#adapter.update(deadline, key, serializeRecord(key, mark), ttl, version);
  }

  /** Whether a mark is there that the store seemed to fail to put. */
  async stands(deadline: Deadline, key: string, { replacedBy }: Replaced): Promise<boolean> {
    return isMark(await this.#records.read(deadline, key), replacedBy);
  }

  /**
   * Whether a move may still fail, so that its session would be there again. A mark that has stood
   * for too long is settled first: if its maker lives, it finds that it is too late.
   */
  async mayBeTakenBack(deadline: Deadline, key: string, mark: FoundMark): Promise<boolean> {
    if (mark.isUnsettled !== true || mark.alias || this.#ended.has(key)) return false;
    const isYoung = this.#seenFor(mark) < UNSETTLED_TIMEOUTS * this.#storeTimeout;
    return isYoung || !(await this.#replace(deadline, key, mark, this.settled(mark)));
  }

  /**
   * The move has succeeded: whatever becomes of the mark, the id opens nothing from now on.
   *
   * @throws SessionStoreUnavailableException where others do not know that yet
   */
  end(deadline: Deadline, key: string): Promise<void> {
    this.#ended.add(key);
    return this.#records.destroy(deadline, key);
  }

  /**
   * A mark in its settled form. Its alias leads on for 30 seconds from the first call for that
   * mark.
   */
  settled({ replacedBy, alias }: Replaced): Replaced {
    if (alias === undefined) return { replacedBy };
    const known = this.#settled.get(replacedBy);
    if (known) return known;
    const settled = { replacedBy, alias: { ...alias, until: Date.now() + ALIAS_MS } };
    this.#settled.set(replacedBy, settled);
    return settled;
  }

  /** A mark as this process knows it: settled here, though the store may not have that yet. */
  known(mark: FoundMark): Replaced {
    return this.#settled.get(mark.replacedBy) ?? mark;
  }

  /** Stores the settled form of a mark, unless somebody has done so. */
  async settle(deadline: Deadline, key: string, settled: Replaced): Promise<void> {
    const found = await this.#records.read(deadline, key);
    if (!isMark(found, settled.replacedBy) || found.isUnsettled !== true) return;
    await this.#replace(deadline, key, found, settled);
  }

  /**
   * Puts a record back in the place of its mark, unless that was settled. Anything else that stands
   * there stays. A mark that the store has yet to write comes too late after that: the record has
   * another version.
   *
   * @returns false where the alias of the mark leads, or may have led, others to the new record
   */
  async takeBack(deadline: Deadline, move: FailedMove): Promise<boolean> {
    const { key, data, record } = move.old;
    for (let attempt = 0, faults = 0; ; attempt++) {
      const found = await this.#records.read(deadline, key);
      if (mayLeadOn(found, move)) return false;
      const version = versionToReplace(found, move);
      if (version === undefined) return true;
      const ttl = this.#records.lifetimes.ttl(record, Date.now());
      try {
        if (await this.#adapter.update(deadline, key, data, ttl, version)) return true;
      } catch (error) {
        if (++faults === MAX_FAULTS) throw error;
      }
      await deadline.backOff(attempt);
    }
  }

  /** False: something else stands there by now. */
  #replace(
    deadline: Deadline,
    key: string,
    { version }: FoundMark,
    settled: Replaced,
  ): Promise<boolean> {
    const data = serializeRecord(key, settled);
    return this.#adapter.update(deadline, key, data, MARK_TTL, version);
  }

  /**
   * Milliseconds. Between two looks one store timeout counts at the most: in a longer pause the
   * store may have been away, so that nobody could take anything back.
   */
  #seenFor({ replacedBy }: Replaced): number {
    const at = performance.now();
    const before = this.#seen.get(replacedBy) ?? { at, total: 0 };
    const total = before.total + Math.min(at - before.at, this.#storeTimeout);
    this.#seen.set(replacedBy, { at, total });
    return total;
  }
}

function isMark(found: Stored, replacedBy: string): found is FoundMark {
  return found !== undefined && 'replacedBy' in found && found.replacedBy === replacedBy;
}

/**
 * Whether others may know the new id by now, since the old one leads or has led them there. A mark
 * that has expired looks like one that never stood.
 */
function mayLeadOn(found: Stored, { mark }: FailedMove): boolean {
  if (mark.alias === undefined) return false;
  return found === undefined || isMark(found, mark.replacedBy) || 'isUnreadable' in found;
}

/** Of what is to be replaced: the mark, or the record that it was for. */
function versionToReplace(
  found: Stored,
  { old, mark }: FailedMove,
): VersionedSnapshot['version'] | undefined {
  if (isMark(found, mark.replacedBy)) return found.isUnsettled ? found.version : undefined;
  const isUntouched = isSnapshot(found) && hasVersion(found) && found.version === old.version;
  return isUntouched ? old.version : undefined;
}
