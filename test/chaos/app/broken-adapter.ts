import { setTimeout as delay } from 'node:timers/promises';
import { type RecordVersion, SessionAdapter, type StoredRecord } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../../lib/adapters/memory.adapter.js';
import { frame, unframe } from '../../../lib/record/frame.js';
import { parseOwnerList, serializeOwnerList } from '../../../lib/record/owner-list.js';

/** The faults that a store, or what stands before it, may have. */
export const brokenAdapterFaults = [
  'blind-writes',
  'forgotten-writes',
  'doubled-writes',
  'late-resurrection',
  'crossed-answers',
  'forgotten-listings',
  'forgotten-aliases',
  'blind-marks',
] as const;

export type BrokenAdapterFault = (typeof brokenAdapterFaults)[number];

/** Every so many calls the fault shows. */
const EVERY = 5;
/** Milliseconds at most that a call takes, so that requests overlap as they do with a server. */
const LATENCY = 5;

/** A store in memory that is right, but for one fault: what the checker must find. */
export class BrokenAdapter extends SessionAdapter {
  readonly #store = new MemoryAdapter();
  readonly #fault: BrokenAdapterFault;
  /** The latest data under each key that was ever destroyed, or replaced. */
  readonly #seen = new Map<string, string>();
  #calls = 0;

  constructor(fault: BrokenAdapterFault) {
    super();
    this.#fault = fault;
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const record = await this.#store.read(key, ttl);
    await delay(Math.random() * LATENCY);
    if (record === undefined || isIndex(key)) return record;
    this.#seen.set(key, record.data);
    return this.#shows('crossed-answers') ? this.#anothers(key, record) : record;
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#store.create(key, data, ttl);
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    await delay(Math.random() * LATENCY);
    if (isIndex(key)) return this.#store.update(key, this.#listed(key, data), ttl, version);
    if (!isSession(key, data)) return this.#mark(key, data, ttl, version);
    if (this.#shows('forgotten-writes')) return true;
    if (this.#fault === 'blind-writes') return this.#overwrite(key, data, ttl);
    if (this.#fault === 'late-resurrection') {
      if (await this.#store.create(key, data, ttl)) return true;
    }
    const done = await this.#store.update(key, data, ttl, version);
    if (!done || !this.#shows('doubled-writes')) return done;
    // The answer is lost, and so is what tells the writer that it has written.
    await this.#overwrite(key, changed(key, data, { writes: '' }), ttl);
    return false;
  }

  destroy(key: string): Promise<void> {
    return this.#store.destroy(key);
  }

  /** An owner's list, of which only the latest entry may be left. */
  #listed(key: string, data: string): string {
    if (this.#fault !== 'forgotten-listings') return data;
    const list = parseOwnerList(key, data);
    return serializeOwnerList(key, { ...list, sessions: list.sessions.slice(-1) });
  }

  /** Takes an id out of use that was exchanged. */
  #mark(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    if (this.#fault === 'blind-marks') return this.#overwrite(key, data, ttl);
    const mark =
      this.#fault === 'forgotten-aliases' ? changed(key, data, { alias: undefined }) : data;
    return this.#store.update(key, mark, ttl, version);
  }

  #shows(fault: BrokenAdapterFault): boolean {
    return this.#fault === fault && ++this.#calls % EVERY === 0;
  }

  /** Whoever writes last wins, whatever was there. */
  async #overwrite(key: string, data: string, ttl: number): Promise<boolean> {
    const current = await this.#store.read(key);
    if (current === undefined) return false;
    return this.#store.update(key, data, ttl, current.version);
  }

  /** Another session's record, as if it were this one's: the library finds nothing wrong with it. */
  #anothers(key: string, record: StoredRecord): StoredRecord {
    for (const [other, data] of this.#seen) {
      if (other === key || !isSession(other, data)) continue;
      return { ...record, data: frame(key, 'session', unframe(other, 'session', data)) };
    }
    return record;
  }
}

function isIndex(key: string): boolean {
  return key.includes('owner:');
}

function isSession(key: string, data: string): boolean {
  return !unframe(key, 'session', data).includes('"replacedBy"');
}

function changed(key: string, data: string, fields: object): string {
  const stored = JSON.parse(unframe(key, 'session', data)) as object;
  return frame(key, 'session', JSON.stringify({ ...stored, ...fields }));
}
