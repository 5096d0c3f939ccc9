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

/** What stands for the entries of a list. */
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
/** Entries that are looked at when one comes to a long list: several, so that it cannot grow on. */
const CHECKED_ENTRIES = 4;

/**
 * Keeps the lists of owners within their limit. Where the next session is refused, that is seen before
 * it is listed; where it ends another one, that goes when the record of the next one stands.
 */
export class OwnerRoom {
  readonly #records: RecordStore;
  readonly #limit: OwnerLimit;

  constructor(records: RecordStore, limit: OwnerLimit) {
    this.#records = records;
    this.#limit = limit;
  }

  /**
   * The entries of a list to which another one is to come, without some whose sessions are gone.
   *
   * @param beside the key of a session that the next one is a copy of, so that it is not to go for it
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
   * The entries of a list on which the record of one has come to stand, without those that go for it.
   * Others that are arriving neither count nor go: they make room themselves. No more does what comes
   * out of the same session, since only one of these will be.
   */
  async make(
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

  /** Drops what is gone of the first entries; the others go to the end, and come round again. */
  async #tidy(deadline: Deadline, entries: readonly OwnerEntry[]): Promise<readonly OwnerEntry[]> {
    const { maxSessionsPerOwner: allowed = 0 } = this.#limit;
    if (entries.length < allowed + LONG_LIST) return entries;
    const checked = entries.slice(0, CHECKED_ENTRIES);
    const { gone } = await this.#look(deadline, checked);
    return [...entries.slice(CHECKED_ENTRIES), ...(await this.#drop(deadline, checked, gone))];
  }

  /**
   * The entries without those whose sessions are gone. One of these may have a record that nobody
   * knows, or live on by the clock of another process: it is removed, so that what is on no list is
   * gone for all.
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
   * Entries with a live record, those whose record may be on its way, and those with none, or with one
   * that has not been known to stand for so long that nobody will ever have its id. One whose record
   * bears the mark of a move is none of these, since the move may be taken back, and no more is
   * one that cannot be read: another process may be able to.
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
