import { SessionLimitException } from '../exceptions/session.exceptions.js';
import { bySession, isUnder } from '../record/former-keys.js';
import type { OwnerEntry } from '../record/owner-list.js';
import type { Deadline } from './deadline.js';
import { isSnapshot, type RecordStore } from './record-store.js';

/** How many sessions an owner may have at once, and what happens to the next one. */
export interface OwnerLimit {
  readonly maxSessionsPerOwner?: number | undefined;
  readonly whenOwnerIsFull: 'reject' | 'evict-oldest';
  /** Milliseconds for one store call. */
  readonly storeTimeout: number;
}

/** Ends the sessions of these entries, so that another one may come. */
export type Evict = (evicted: readonly OwnerEntry[]) => Promise<void>;

/** The entries of a list, by what the store has for them. */
interface Looked {
  readonly living: Set<OwnerEntry>;
  /** Their records may follow in a moment, or never. */
  readonly arriving: Set<OwnerEntry>;
  readonly gone: Set<OwnerEntry>;
}

/** An entry younger than this many store timeouts may still wait for its record. */
const ARRIVING_TIMEOUTS = 6;
/** A list that is shorter may hold a few entries whose sessions are gone. */
const LONG_LIST = 16;
/** How many entries are looked at when one is added to a long list: several, so that it shrinks. */
const CHECKED_ENTRIES = 4;

/**
 * Keeps the lists of owners within their limit. With 'reject' a session is refused before it is
 * listed. With 'evict-oldest' the oldest one is ended when the record of the new one is stored.
 */
export class OwnerRoom {
  readonly #records: RecordStore;
  readonly #limit: OwnerLimit;

  constructor(records: RecordStore, limit: OwnerLimit) {
    this.#records = records;
    this.#limit = limit;
  }

  /**
   * The entries of a list to which another one will be added, without some whose sessions are gone.
   *
   * @param beside the key of the session that the next one is a copy of: it must not be ended for
   * that
   * @throws SessionLimitException when the owner has as many sessions as allowed
   */
  async admit(
    deadline: Deadline,
    entries: readonly OwnerEntry[],
    beside: string | undefined,
  ): Promise<readonly OwnerEntry[]> {
    const { maxSessionsPerOwner: most, whenOwnerIsFull } = this.#limit;
    if (most === 1 && beside !== undefined) throw new SessionLimitException();
    if (most === undefined || whenOwnerIsFull === 'evict-oldest') {
      return this.#tidy(deadline, entries);
    }
    if (entries.length < most) return entries;
    const { living, arriving, gone } = await this.#look(deadline, entries);
    const kept = await this.#drop(deadline, entries, gone);
    const sessions = sessionsOf(kept, (entry) => living.has(entry) || arriving.has(entry));
    if (sessions.length >= most) throw new SessionLimitException();
    return kept;
  }

  /**
   * The entries of a list without those that are ended to make room for `arrived`, whose record is
   * stored by now. Other entries that are arriving do not count and are not ended: each makes room
   * when its own record is stored. Nor do the other entries of the session that `arrived` belongs
   * to: only one of them will stay.
   */
  async makeRoom(
    deadline: Deadline,
    entries: readonly OwnerEntry[],
    arrived: OwnerEntry,
    beside: string | undefined,
    evict: Evict,
  ): Promise<readonly OwnerEntry[]> {
    const { maxSessionsPerOwner: most, whenOwnerIsFull } = this.#limit;
    if (most === undefined || whenOwnerIsFull === 'reject') return entries;
    if (entries.length <= most) return entries;
    const others = entries.filter((entry) => entry !== arrived);
    const { living, gone } = await this.#look(deadline, others);
    const listed = entries.filter((entry) => !gone.has(entry));
    const sessions = sessionsOf(listed, (entry) => living.has(entry)).filter(
      (session) => !session.includes(arrived),
    );
    const surplus = Math.max(0, sessions.length - most + 1);
    const evictable = sessions.filter((session) => !session.some((one) => isUnder(one, beside)));
    const evicted = evictable.toSorted(byLogin).slice(0, surplus).flat();
    if (evicted.length > 0) await evict(evicted);
    const kept = await this.#drop(deadline, entries, gone);
    return kept.filter((entry) => !evicted.includes(entry));
  }

  /**
   * Drops those of the first entries whose sessions are gone. The others go to the end, so that all
   * are looked at in turn.
   */
  async #tidy(deadline: Deadline, entries: readonly OwnerEntry[]): Promise<readonly OwnerEntry[]> {
    const { maxSessionsPerOwner: allowed = 0 } = this.#limit;
    if (entries.length < allowed + LONG_LIST) return entries;
    const checked = entries.slice(0, CHECKED_ENTRIES);
    const { gone } = await this.#look(deadline, checked);
    return [...entries.slice(CHECKED_ENTRIES), ...(await this.#drop(deadline, checked, gone))];
  }

  /**
   * The entries without those whose sessions are gone. Their records are removed all the same: one
   * may be stored though nobody knows its id, or may live on by the clock of another process. What
   * is on no list has to be gone.
   */
  async #drop(
    deadline: Deadline,
    entries: readonly OwnerEntry[],
    gone: ReadonlySet<OwnerEntry>,
  ): Promise<OwnerEntry[]> {
    const keys = Array.from(gone, ({ key }) => key);
    if (keys.length > 0) await this.#records.destroyMany(deadline, keys);
    return entries.filter((entry) => !gone.has(entry));
  }

  /**
   * Looks what the store has for each entry. Living: a record. Arriving: perhaps a record in a
   * moment. Gone: no record, or one that nobody has confirmed for so long that nobody will ever
   * have its id. An entry is none of these where the record bears the mark of a move, which may be
   * taken back, or cannot be read: another process may be able to.
   */
  async #look(deadline: Deadline, entries: readonly OwnerEntry[]): Promise<Looked> {
    const young = Date.now() - ARRIVING_TIMEOUTS * this.#limit.storeTimeout;
    const looked: Looked = { living: new Set(), arriving: new Set(), gone: new Set() };
    const settled: OwnerEntry[] = [];
    for (const entry of entries) {
      const isYoung = entry.listedAt > young;
      if (entry.isArriving === true) looked[isYoung ? 'arriving' : 'gone'].add(entry);
      else if (isYoung) looked.living.add(entry);
      else settled.push(entry);
    }
    const keys = settled.map(({ key }) => key);
    const found = await this.#records.readMany(deadline, keys);
    for (const [index, entry] of settled.entries()) {
      const stored = found[index];
      if (isSnapshot(stored)) looked.living.add(entry);
      else if (stored === undefined) looked.gone.add(entry);
    }
    return looked;
  }
}

/** The entries by session, of those sessions that count. */
function sessionsOf(
  entries: readonly OwnerEntry[],
  counts: (entry: OwnerEntry) => boolean,
): OwnerEntry[][] {
  return bySession(entries).filter((session) => session.some(counts));
}

function byLogin(a: readonly OwnerEntry[], b: readonly OwnerEntry[]): number {
  return latestLogin(a) - latestLogin(b);
}

function latestLogin(session: readonly OwnerEntry[]): number {
  return Math.max(...session.map(({ loggedInAt }) => loggedInAt));
}
