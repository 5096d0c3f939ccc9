import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SessionSerializationException,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { parseOwnerList } from '../../lib/record/owner-list.js';
import { ownerKey } from '../../lib/record/ids.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { UnitSessions } from '../support/unit-session.js';

const OWNER = 'kimbra';
/** Milliseconds: longer than a record may be on its way behind its entry. */
const BETWEEN_LOGINS = 20_000;

let adapter: CountingAdapter;
let sessions: UnitSessions;
let now: number;

beforeEach(() => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});

async function listed(): Promise<string[]> {
  const key = ownerKey('sess:', OWNER);
  const stored = await adapter.peek(key);
  return parseOwnerList(key, stored?.data ?? '').map((entry) => entry.key);
}

/** Logs in as often as that; resolves with the keys of the sessions. */
async function logIn(times: number): Promise<string[]> {
  const keys: string[] = [];
  for (let login = 0; login < times; login++) {
    now += BETWEEN_LOGINS;
    const session = await sessions.open();
    await session.login(OWNER);
    keys.push(session.key);
  }
  return keys;
}

/** The sessions end in the store, which tells nobody. */
async function expire(keys: readonly string[]): Promise<void> {
  for (const key of keys) await adapter.destroy(key);
}

describe('the list of an owner', () => {
  it('does not grow with sessions that have expired, however often the owner logs in', async () => {
    for (let login = 0; login < 100; login++) await expire(await logIn(1));

    expect((await listed()).length).toBeLessThan(25);
  });

  it('keeps every session that lives', async () => {
    const first = await logIn(30);
    for (let login = 0; login < 60; login++) await expire(await logIn(1));
    const last = await logIn(1);

    expect(await listed()).toEqual(expect.arrayContaining([...first, ...last]));
    expect((await listed()).length).toBeLessThan(60);
  });

  it('keeps a session whose move to a new id is taken back while its owner logs in elsewhere', async () => {
    now += BETWEEN_LOGINS;
    const session = await sessions.open();
    await session.login(OWNER);
    const { id, key } = session;
    await logIn(20);

    adapter.planNext('update', (execute) => execute());
    adapter.planNext('update', async (execute) => {
      await execute();
      adapter.isDown = true;
      throw adapter.fault;
    });
    await expect(session.regenerateId()).rejects.toThrow(SessionStoreUnavailableException);
    adapter.isDown = false;
    await logIn(20);

    const back = await sessions.open(id);
    expect([back.isNew, back.key]).toEqual([false, key]);
    expect(await listed()).toContain(key);
    await sessions.store.owned.revokeAll(OWNER, undefined);
    expect((await sessions.open(id)).isNew).toBe(true);
  });

  it('costs a login nothing more while it is short', async () => {
    await logIn(10);
    adapter.reset();
    await logIn(1);

    expect(adapter.calls.filter(({ key }) => !key.includes('owner:'))).toHaveLength(1);
  });

  it('keeps nothing of a session that the store has refused as too large', async () => {
    const session = await sessions.open();
    const refusal = new SessionSerializationException('too large');
    adapter.planNext('create', (execute) => execute());
    adapter.planNext('create', () => Promise.reject(refusal));
    expect(await failureOf(session.login(OWNER))).toBe(refusal);
    expect(await listed()).toEqual([]);
  });

  it('keeps a session whose store does not say whether it was stored', async () => {
    const session = await sessions.open();
    adapter.planNext('create', (execute) => execute());
    adapter.loseAnswers('create');
    adapter.planNext('read', (execute) => execute());
    adapter.failNext('read');
    expect(await failureOf(session.login(OWNER))).toBeInstanceOf(SessionStoreUnavailableException);
    const [key = '', ...others] = await listed();
    expect(others).toEqual([]);
    expect(await adapter.peek(key)).toBeDefined();
  });
});
