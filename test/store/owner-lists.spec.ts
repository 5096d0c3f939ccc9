import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SessionSerializationException,
  type SessionService,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { parseOwnerList } from '../../lib/record/owner-list.js';
import { ownerKey } from '../../lib/record/ids.js';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { UnitSessions, type UnitSessionOptions } from '../support/unit-session.js';

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
  return parseOwnerList(key, stored?.data ?? '').sessions.map((entry) => entry.key);
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

  it('keeps a session that another version of the application can read, and this one cannot', async () => {
    const [key = ''] = await logIn(1);
    const stored = await adapter.peek(key);
    await adapter.update(key, 'sealed by others', 3600, stored?.version ?? '');
    await logIn(40);

    expect(await listed()).toContain(key);
  });

  it('keeps a session whose move to a new id is taken back while its owner logs in elsewhere', async () => {
    now += BETWEEN_LOGINS;
    const session = await sessions.open();
    await session.login(OWNER);
    const { id, key } = session;
    await logIn(20);

    const loseMark: Plan = async (execute) => {
      await execute();
      adapter.isDown = true;
      throw adapter.fault;
    };
    adapter.planNext('update', loseMark, key);
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

describe('the life of the list of an owner', () => {
  const LIFETIME = 600;
  const SHORT = { lifetime: LIFETIME, absoluteLifetime: LIFETIME };

  function logInBy(options: UnitSessionOptions): Promise<SessionService> {
    const others = new UnitSessions(adapter, options);
    return others.open().then(async (session) => {
      await session.login(OWNER);
      return session;
    });
  }

  it.each([
    ['a day', 86_400],
    ['without an end', false],
  ] as const)(
    'is long enough for a session that lives %s, where others have one of ten minutes',
    async (_, absoluteLifetime) => {
      const long = { lifetime: 3600, absoluteLifetime };
      const session = await logInBy(long);
      await logInBy(SHORT);
      await logInBy(SHORT);
      now += 1000 * (LIFETIME + 10);
      await new UnitSessions(adapter, long).store.owned.revokeAll(OWNER, undefined);
      expect(await adapter.peek(session.key)).toBeUndefined();
    },
  );

  it('is no longer than that of its sessions where all processes have the same options', async () => {
    await logInBy(SHORT);
    await logInBy(SHORT);
    now += 1000 * (LIFETIME + 10);
    expect(await adapter.peek(ownerKey('sess:', OWNER))).toBeUndefined();
  });

  it('is a minute when it is empty', async () => {
    const session = await logInBy({ absoluteLifetime: false });
    await session.logout();
    expect(await listed()).toEqual([]);
    now += 61_000;
    expect(await adapter.peek(ownerKey('sess:', OWNER))).toBeUndefined();
  });
});

describe('a login that others overtake', () => {
  /** Its entry is on the list, and its record waits to be stored. */
  let login: { readonly id: Promise<string>; release(): void };

  beforeEach(async () => {
    const session = await sessions.open();
    adapter.planNext('create', (execute) => execute());
    const record = adapter.holdNext('create');
    const id = session.login(OWNER).then(() => session.id);
    await record.arrived;
    login = { id, release: () => record.release() };
  });

  /** Lets it be done while a change of the list is about to be stored; resolves with its id. */
  async function overtake(change: () => Promise<unknown>): Promise<string> {
    const list = adapter.holdNext('update');
    const changed = change();
    await list.arrived;
    login.release();
    const id = await login.id;
    list.release();
    await changed;
    return id;
  }

  it('ends with the sessions that are all ended meanwhile', async () => {
    const id = await overtake(() => sessions.store.owned.revokeAll(OWNER, undefined));

    expect((await sessions.open(id)).isNew).toBe(true);
    expect(await listed()).toEqual([]);
  });

  it('stays on the list where its entry was about to be dropped as one of a dead session', async () => {
    await logIn(15);
    const id = await overtake(() => logIn(1));

    const session = await sessions.open(id);
    expect(session.isNew).toBe(false);
    expect(await listed()).toContain(session.key);
  });

  it('gives way to the next one where only one is allowed', async () => {
    const limited = new UnitSessions(adapter, { maxSessionsPerOwner: 1 });
    const next = await limited.open();
    const id = await overtake(() => next.login(OWNER));

    expect((await sessions.open(id)).isNew).toBe(true);
    expect(await listed()).toEqual([next.key]);
  });
});
