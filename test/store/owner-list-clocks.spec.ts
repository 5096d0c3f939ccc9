import { describe, expect, it } from '@jest/globals';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';

const OWNER = 'kimbra';
const LIFETIME = 3600;
const after = stopClock();

interface Row extends StoredRecord {
  readonly expires: number;
}

/** A table or a folder, where the clock of the process that asks says what has expired. */
class ClockedAdapter extends SessionAdapter {
  readonly #rows: Map<string, Row>;
  readonly #ahead: number;
  #writes = 0;

  /** @param ahead seconds */
  constructor(rows: Map<string, Row>, ahead: number) {
    super();
    this.#rows = rows;
    this.#ahead = ahead;
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const row = this.#rows.get(key);
    if (row === undefined || row.expires <= this.#in(0)) return undefined;
    if (ttl !== undefined) this.#rows.set(key, { ...row, expires: this.#in(ttl) });
    return row;
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    if (await this.read(key)) return false;
    this.#put(key, data, ttl);
    return true;
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    if ((await this.read(key))?.version !== version) return false;
    this.#put(key, data, ttl);
    return true;
  }

  async destroy(key: string): Promise<void> {
    this.#rows.delete(key);
  }

  #put(key: string, data: string, ttl: number): void {
    const version = `${this.#ahead}:${++this.#writes}`;
    this.#rows.set(key, { data, version, expires: this.#in(ttl) });
  }

  #in(seconds: number): number {
    return Date.now() + (this.#ahead + seconds) * 1000;
  }
}

describe('an owner whose session a process with a clock ahead takes for expired', () => {
  it.each([
    ['who logs in there at the limit', 2, 1],
    ['whose long list is cleared there', undefined, 15],
  ])('%s has none that revokeAll() misses', async (_, maxSessionsPerOwner, others) => {
    const rows = new Map<string, Row>();
    const start = (ahead: number): SessionProcess =>
      startProcess(new ClockedAdapter(rows, ahead), { lifetime: LIFETIME, maxSessionsPerOwner });
    const right = start(0);
    const session = await beginSession(right, OWNER);
    for (let login = 0; login < others; login++) await beginSession(right, OWNER);

    after(LIFETIME - 10);
    await beginSession(start(120), OWNER);
    await answered(right, session.id);
    await right.store.owned.revokeAll(OWNER, undefined);
    expect(await opens(right, session.id)).toBe(false);
  });
});
