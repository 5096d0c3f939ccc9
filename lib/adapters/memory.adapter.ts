import { Logger } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import { SessionAdapter, type RecordVersion, type StoredRecord } from './session-adapter.js';

/** @publicApi */
export interface MemoryAdapterOptions {
  /**
   * How many sessions are kept, up to 10,000,000; beyond it the one that was not used for longest
   * goes.
   *
   * @default 100_000
   */
  readonly maxSessions?: number;
}

/** One object for each session: two would take a tenth more memory, and longer garbage collections. */
interface Entry extends StoredRecord {
  /** Milliseconds since the epoch. */
  expires: number;
}

/** V8 has no table for more than 16 million. */
const MOST_SESSIONS = 10_000_000;

/** Takes well below a millisecond. */
const SWEPT_AT_ONCE = 500;

/** What `LRUCache` and `Map` have in common, as far as it is used here. */
interface Entries extends Iterable<[string, Entry]> {
  readonly size: number;
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): unknown;
  delete(key: string): boolean;
}

/**
 * Keeps sessions in this process: the fastest store, for one process and until it ends.
 *
 * @publicApi
 */
export class MemoryAdapter extends SessionAdapter {
  readonly #sessions: LRUCache<string, Entry>;
  /** Apart and unbounded, so that no number of sessions pushes out the index of an owner. */
  readonly #indexes = new Map<string, Entry>();
  /** Never used twice, so that a key taken again does not accept a version of its former record. */
  #lastVersion = 0;
  #warned = false;

  /** @throws InvalidSessionOptionsException when `maxSessions` is no whole number, or out of range */
  constructor({ maxSessions = 100_000 }: MemoryAdapterOptions = {}) {
    super();
    if (!Number.isInteger(maxSessions) || maxSessions < 1 || maxSessions > MOST_SESSIONS) {
      throw new InvalidSessionOptionsException(
        `The option maxSessions of the memory adapter must be a whole number from 1 to ${MOST_SESSIONS}.`,
      );
    }
    // The same with `max` would make room for all of them at once, for milliseconds of every start.
    this.#sessions = new LRUCache({ maxSize: maxSessions, sizeCalculation: () => 1 });
  }

  override async open(): Promise<void> {
    if (this.#warned || process.env['NODE_ENV'] !== 'production') return;
    this.#warned = true;
    new Logger(MemoryAdapter.name).warn(
      'Sessions are kept in the memory of this process: other processes do not see them and a ' +
        "restart forgets them. Set the option adapter to 'redis', 'memcached', 'database' or 'file'.",
    );
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const entry = this.#live(key);
    if (entry === undefined) return undefined;
    if (ttl !== undefined) entry.expires = Date.now() + ttl * 1000;
    return { data: entry.data, version: entry.version };
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    if (this.#live(key) !== undefined) return false;
    this.#put(key, data, ttl);
    return true;
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    if (this.#live(key)?.version !== version) return false;
    this.#put(key, data, ttl);
    return true;
  }

  async destroy(key: string): Promise<void> {
    this.#entries(key).delete(key);
  }

  /** There is nothing to reach. */
  override async ping(): Promise<void> {}

  override async sweep(): Promise<number> {
    return (await removeExpired(this.#sessions)) + (await removeExpired(this.#indexes));
  }

  #live(key: string): Entry | undefined {
    const entries = this.#entries(key);
    const entry = entries.get(key);
    if (entry === undefined || entry.expires > Date.now()) return entry;
    entries.delete(key);
    return undefined;
  }

  #put(key: string, data: string, ttl: number): void {
    this.#entries(key).set(key, {
      data,
      version: ++this.#lastVersion,
      expires: Date.now() + ttl * 1000,
    });
  }

  #entries(key: string): Entries {
    return isIndexKey(key) ? this.#indexes : this.#sessions;
  }
}

const INDEX_PART = 'owner:';
const INDEX_TAIL_LENGTH = INDEX_PART.length + 43;

/** Index records are stored under `prefix + 'owner:' + 43 characters`; the prefix is not known here. */
function isIndexKey(key: string): boolean {
  return (
    key.length >= INDEX_TAIL_LENGTH && key.startsWith(INDEX_PART, key.length - INDEX_TAIL_LENGTH)
  );
}

/**
 * Goes through the entries a few at a time: looking at a million of them at once would stop the
 * process. What moves meanwhile may be missed; it was used just now.
 */
async function removeExpired(entries: Entries): Promise<number> {
  let seen = 0;
  let removed = 0;
  const { size } = entries;
  for (const [key, entry] of entries) {
    if (entry.expires <= Date.now()) {
      entries.delete(key);
      removed++;
    }
    // Those that move to the other end are not to be seen again and again.
    if (++seen === size) break;
    if (seen % SWEPT_AT_ONCE === 0) await nextTurn();
  }
  return removed;
}
