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

/** Ends sessions of an owner, so that another one may come. */
type Evict = (deadline: Deadline, owner: string, evicted: readonly OwnerEntry[]) => Promise<void>;

/** What stands for the entries of a list. */
interface Looked {
  readonly living: Set<OwnerEntry>;
  readonly gone: Set<OwnerEntry>;
}

/** An entry younger than this many store timeouts may still wait for its record. */
const ARRIVING_TIMEOUTS = 6;
/** A list that is shorter may hold a few entries whose sessions are gone. */
const LONG_LIST = 16;
/** Entries that are looked at when one comes to a long list: several, so that it cannot grow on. */
const CHECKED_ENTRIES = 4;

/** Makes room on the lists of owners. */
export class OwnerRoom {
  readonly #records: RecordStore;
  readonly #limit: OwnerLimit;
  readonly #evict: Evict;

  constructor(records: RecordStore, limit: OwnerLimit, evict: Evict) {
    this.#records = records;
    this.#limit = limit;
    this.#evict = evict;
  }

  /**
   * The entries of a list to which another one is to come, without those that had to go for it.
   *
   * @param kept the key of a session that is not to go
   * @throws SessionLimitException when the owner has as many sessions as allowed
   */
  async make(
    deadline: Deadline,
    owner: string,
    entries: readonly OwnerEntry[],
    kept: string | undefined,
  ): Promise<readonly OwnerEntry[]> {
    const { maxSessionsPerOwner: most, whenOwnerIsFull } = this.#limit;
    if (most === undefined) return this.#tidy(deadline, entries);
    if (entries.length < most) return entries;
    const { living, gone } = await this.#look(deadline, entries);
    const listed = bySession(entries.filter((entry) => !gone.has(entry)));
    const sessions = listed.filter((session) => session.some((entry) => living.has(entry)));
    const surplus = sessions.length - most + 1;
    if (surplus > 0) {
      const evictable = sessions.filter((session) => !session.some((one) => isUnder(one, kept)));
      const isFull = whenOwnerIsFull === 'reject' || evictable.length < surplus;
      if (isFull) throw new SessionLimitException();
      const evicted = evictable.toSorted(byLogin).slice(0, surplus).flat();
      await this.#evict(deadline, owner, evicted);
      for (const entry of evicted) gone.add(entry);
    }
    return entries.filter((entry) => !gone.has(entry));
  }

  /** Drops what is gone of the first entries; the others go to the end, and come round again. */
  async #tidy(deadline: Deadline, entries: readonly OwnerEntry[]): Promise<readonly OwnerEntry[]> {
    if (entries.length < LONG_LIST) return entries;
    const checked = entries.slice(0, CHECKED_ENTRIES);
    const { gone } = await this.#look(deadline, checked);
    return [...entries.slice(CHECKED_ENTRIES), ...checked.filter((entry) => !gone.has(entry))];
  }

  /**
   * Entries with a live record or with one that may be on its way, and those with none. One whose
   * record bears the mark of a move is neither, since the move may be taken back, and no more is one
   * that cannot be read: another process may be able to.
   */
  async #look(deadline: Deadline, entries: readonly OwnerEntry[]): Promise<Looked> {
    const arriving = Date.now() - ARRIVING_TIMEOUTS * this.#limit.storeTimeout;
    const living = new Set(entries.filter(({ listedAt }) => listedAt > arriving));
    const settled = entries.filter(({ listedAt }) => listedAt <= arriving);
    const found = await this.#records.readMany(
      deadline,
      settled.map(({ key }) => key),
    );
    const gone = new Set<OwnerEntry>();
    for (const [index, entry] of settled.entries()) {
      const stored = found[index];
      if (isSnapshot(stored)) living.add(entry);
      else if (stored === undefined) gone.add(entry);
    }
    return { living, gone };
  }
}

function byLogin(a: readonly OwnerEntry[], b: readonly OwnerEntry[]): number {
  return latestLogin(a) - latestLogin(b);
}

function latestLogin(session: readonly OwnerEntry[]): number {
  return Math.max(...session.map(({ loggedInAt }) => loggedInAt));
}
