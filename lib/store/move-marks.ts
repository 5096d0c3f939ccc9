import { LRUCache } from 'lru-cache';
import { type Replaced, serializeRecord } from '../record/record.js';
import type { BoundedAdapter } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import type { EndedKeys } from './ended-keys.js';
import {
  type FoundMark,
  hasVersion,
  isSnapshot,
  type LiveRecord,
  type RecordStore,
  type Stored,
} from './record-store.js';

/** Seconds that the mark of an exchanged id stays at least: longer than its alias leads on. */
const MARK_TTL = 60;
/** After this many store timeouts whoever made a mark is not waited for any more. */
const UNSETTLED_TIMEOUTS = 6;
const SEEN_MARKS = 1000;
/** How often the store is asked to take one back before a fault is passed on. */
const MAX_FAULTS = 3;

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
  /** How this process has seen marks that are not settled. Another process's clock may be wrong. */
  readonly #seen = new LRUCache<string, Seen>({ max: SEEN_MARKS });

  /**
   * @param ended the keys of which this process knows that they open nothing any more
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
  put(deadline: Deadline, { key, version, record }: LiveRecord, mark: Replaced): Promise<boolean> {
    // As long as the session might be put back in its place.
    const life = this.#records.lifetimes.ttl(record, Date.now());
    const ttl = mark.alias ? MARK_TTL : Math.max(MARK_TTL, life);
    return this.#adapter.update(deadline, key, serializeRecord(key, mark), ttl, version);
  }

  /**
   * Whether a move may still fail, so that its session would be there again. A mark that has stood
   * for too long is settled first: if its maker lives, it finds that it is too late.
   */
  async mayBeTakenBack(deadline: Deadline, key: string, mark: FoundMark): Promise<boolean> {
    if (mark.isUnsettled !== true || this.#ended.has(key)) return false;
    const isYoung = this.#seenFor(mark) < UNSETTLED_TIMEOUTS * this.#storeTimeout;
    return isYoung || !(await this.#settle(deadline, key, mark));
  }

  /** The move has succeeded: whatever becomes of the mark, the id opens nothing from now on. */
  async end(deadline: Deadline, key: string, mark: Replaced): Promise<void> {
    this.#ended.add(key);
    try {
      await this.#records.destroy(deadline, key);
    } catch {
      await this.#settleOwn(deadline, key, mark).catch(ignore);
    }
  }

  /**
   * Puts a record back where its mark stands, unless others have settled that; what else stands there
   * stays. A mark that may yet come is too late afterwards: the record has another version then.
   */
  async takeBack(deadline: Deadline, old: LiveRecord, { replacedBy }: Replaced): Promise<void> {
    const { key, data, record } = old;
    for (let attempt = 0, faults = 0; ; attempt++) {
      const version = await this.#versionOf(deadline, old, replacedBy);
      if (version === undefined) return;
      const ttl = this.#records.lifetimes.ttl(record, Date.now());
      try {
        if (await this.#adapter.update(deadline, key, data, ttl, version)) return;
      } catch (error) {
        if (++faults === MAX_FAULTS) throw error;
      }
      await deadline.backOff(attempt);
    }
  }

  /** Of what is to be replaced: the mark, or the record that it was for. */
  async #versionOf(
    deadline: Deadline,
    { key, version }: LiveRecord,
    replacedBy: string,
  ): Promise<LiveRecord['version'] | undefined> {
    const found = await this.#records.read(deadline, key);
    if (isMark(found, replacedBy)) return found.isUnsettled ? found.version : undefined;
    const isUntouched = isSnapshot(found) && hasVersion(found) && found.version === version;
    return isUntouched ? version : undefined;
  }

  /** Lets other processes know that a mark of ours stands for good. */
  async #settleOwn(deadline: Deadline, key: string, { replacedBy }: Replaced): Promise<void> {
    const found = await this.#records.read(deadline, key);
    if (isMark(found, replacedBy)) await this.#settle(deadline, key, found);
  }

  /** False: something else stands there by now. */
  #settle(deadline: Deadline, key: string, mark: FoundMark): Promise<boolean> {
    const data = serializeRecord(key, { replacedBy: mark.replacedBy });
    return this.#adapter.update(deadline, key, data, MARK_TTL, mark.version);
  }

  /**
   * Milliseconds. From one look to the next one store timeout counts at the most: for longer the
   * store may have been away, and then nobody could take anything back.
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

function ignore(): void {
  // The mark opens nothing, and ends by itself.
}
