import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SessionLimitException } from 'nestjs-session-bag';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../../lib/adapters/session-adapter.js';
import { createId, ownerKey, sessionKey } from '../../lib/record/ids.js';
import { type OwnerEntry, serializeOwnerList } from '../../lib/record/owner-list.js';
import { parseRecord, serializeRecord } from '../../lib/record/record.js';
import type { SessionLife } from '../../lib/store/session-life.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { beginSession, startProcess } from './session-process.js';
import { SteppedAdapter } from './stepped-adapter.js';
import { temporaryFolder } from './temporary-folder.js';

/** As short as an adapter of somebody else may be. */
class FourMethods extends SessionAdapter {
  readonly #records = new Map<string, StoredRecord>();
  #writes = 0;

  async read(key: string): Promise<StoredRecord | undefined> {
    return this.#records.get(key);
  }

  async create(key: string, data: string): Promise<boolean> {
    if (this.#records.has(key)) return false;
    this.#records.set(key, { data, version: ++this.#writes });
    return true;
  }

  async update(key: string, data: string, _: number, version: RecordVersion): Promise<boolean> {
    if (this.#records.get(key)?.version !== version) return false;
    this.#records.set(key, { data, version: ++this.#writes });
    return true;
  }

  async destroy(key: string): Promise<void> {
    this.#records.delete(key);
  }
}

const ADAPTERS: [string, () => Promise<SessionAdapter>][] = [
  ['memory', async () => new MemoryAdapter()],
  ['four methods', async () => new FourMethods()],
  [
    'files',
    async () => {
      const adapter = new FileAdapter({ path: join(await temporaryFolder(), 'sessions') });
      await adapter.open();
      return adapter;
    },
  ],
];

const MANY = 1000;

describe.each(ADAPTERS)('the registry on %s', (_, createAdapter) => {
  afterEach(() => void jest.restoreAllMocks());

  it.each<[string, (life: SessionLife) => Promise<void>]>([
    ['a login', (life) => life.login('anna', [], undefined)],
    ['a regeneration', (life) => life.regenerate(true)],
    ['a second session', (life) => life.regenerate(false)],
    ['a logout', (life) => life.destroy()],
  ])('leaves no unlisted session when the process dies at any step of %s', async (what, act) => {
    for (let n = 1, isReached = true; isReached; n++) {
      for (const isDone of [true, false]) {
        const adapter = await createAdapter();
        const steps = new SteppedAdapter(adapter);
        const dying = startProcess(steps);
        const life = await beginSession(dying, what === 'a login' ? undefined : 'anna');
        steps.dieAt(n, isDone);
        await Promise.allSettled([act(life)]);
        isReached = steps.steps >= n;
        const listed = (await startProcess(adapter).store.owned.list('anna')).map(keyOf);
        const owned = await ownedKeys(adapter, steps.sessionKeys, 'anna');
        expect({ n, isDone, owned }).toEqual({ n, isDone, owned: owned.filter(isIn(listed)) });
      }
    }
  });

  it('lists what it lists by reading alone, and extends no life', async () => {
    const counting = new CountingAdapter(await createAdapter());
    const running = startProcess(counting);
    await beginSession(running, 'anna');
    await beginSession(running, 'anna');
    counting.reset();
    expect(await running.store.owned.list('anna')).toHaveLength(2);
    expect(counting.calls.map(({ method, ttl }) => [method, ttl])).toEqual([
      ['read', undefined],
      ['read', undefined],
      ['read', undefined],
    ]);
  });

  it('lets no login live that was under way while all were revoked', async () => {
    for (let n = 1, isReached = true; isReached; n++) {
      const adapter = await createAdapter();
      const steps = new SteppedAdapter(adapter);
      const life = await beginSession(startProcess(steps));
      const other = startProcess(adapter);
      await beginSession(other, 'anna');
      const held = steps.holdAt(n);
      const login = Promise.allSettled([life.login('anna', [], undefined)]);
      await Promise.race([held.arrived, login]);
      await other.store.owned.revokeAll('anna', undefined);
      held.release();
      const [{ status }] = await login;
      isReached = steps.steps >= n;
      const owned = await ownedKeys(adapter, steps.sessionKeys, 'anna');
      const listed = (await other.store.owned.list('anna')).map(keyOf);
      // Who was told that the login succeeded, after the call, has a session that is on the list.
      expect({ n, owned }).toEqual({ n, owned: listed });
      expect(owned.length).toBeLessThanOrEqual(status === 'fulfilled' ? 1 : 0);
    }
  });

  it('revokes no session by a key that is not on the list of this owner', async () => {
    const running = startProcess(await createAdapter());
    const { store } = running;
    const [anna, bert] = [await beginSession(running, 'anna'), await beginSession(running, 'bert')];
    const visitor = await beginSession(running);
    for (const key of [bert.key, visitor.key, '', 'sess:', ownerKey('sess:', 'anna')]) {
      expect(await store.owned.revoke('anna', key)).toBe(false);
    }
    expect(await store.owned.revokeAll('anna', anna.key)).toBe(0);
    for (const { id } of [anna, bert, visitor]) expect(await store.open(id)).toBeDefined();
    expect(await store.owned.revoke('anna', anna.key)).toBe(true);
    expect(await store.open(anna.id)).toBeUndefined();
  });

  it('revokes a session by the key that it had before its id was renewed', async () => {
    const running = startProcess(await createAdapter(), { renewAfter: 60 });
    const { store, visit } = running;
    const { id, key } = await beginSession(running, 'anna');
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 60_000);
    const renewed = await visit(id);
    expect(renewed.key).not.toBe(key);
    expect(await store.owned.revoke('anna', key)).toBe(true);
    expect(await store.open(renewed.id)).toBeUndefined();
  });

  it('leaves out of revokeAll the session that had the key before its id was renewed', async () => {
    const running = startProcess(await createAdapter(), { renewAfter: 60 });
    const { store, visit } = running;
    const { id, key } = await beginSession(running, 'anna');
    const other = await beginSession(running, 'anna');
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 60_000);
    const renewed = await visit(id);
    expect(await store.owned.revokeAll('anna', key)).toBe(1);
    expect(await store.open(renewed.id)).toBeDefined();
    expect(await store.open(other.id)).toBeUndefined();
  });

  it('counts against maxSessionsPerOwner what lives, and nothing else', async () => {
    const running = startProcess(await createAdapter(), { maxSessionsPerOwner: 2 });
    const { store, visit } = running;
    const first = await beginSession(running, 'anna');
    await (await visit(first.id)).login('anna', [], undefined);
    const second = await beginSession(running, 'anna');
    expect(await store.owned.list('anna')).toHaveLength(2);
    await second.destroy();
    const third = await beginSession(running, 'anna');
    const fourth = await beginSession(running, 'anna');
    const listed = (await store.owned.list('anna')).map(keyOf);
    expect(listed.toSorted()).toEqual([third.key, fourth.key].toSorted());
  });

  it('refuses the login that is one too many, and ends no session for it', async () => {
    const adapter = await createAdapter();
    const running = startProcess(adapter, { maxSessionsPerOwner: 1, whenOwnerIsFull: 'reject' });
    const first = await beginSession(running, 'anna');
    const visitor = await beginSession(running);
    const refused = await failureOf(visitor.login('anna', [], undefined));
    expect(refused).toBeInstanceOf(SessionLimitException);
    expect(await running.store.open(first.id)).toBeDefined();
    expect((await running.store.open(visitor.id))?.snapshot.record.owner).toBeUndefined();
  });

  it(`lists and revokes ${MANY} sessions`, async () => {
    const adapter = await createAdapter();
    await fill(adapter, 'anna', MANY);
    const { store } = startProcess(adapter, { storeTimeout: 10_000 });
    expect(await store.owned.list('anna')).toHaveLength(MANY);
    expect(await store.owned.revokeAll('anna', undefined)).toBe(MANY);
    expect(await store.owned.list('anna')).toEqual([]);
  }, 30_000);
});

function keyOf({ entry }: { readonly entry: OwnerEntry }): string {
  return entry.key;
}

function isIn(keys: readonly string[]): (key: string) => boolean {
  return (key) => keys.includes(key);
}

/** The keys of the live sessions that bear the owner, whoever knows of them. */
async function ownedKeys(
  adapter: SessionAdapter,
  keys: ReadonlySet<string>,
  owner: string,
): Promise<string[]> {
  const owned: string[] = [];
  for (const key of keys) {
    const stored = await adapter.read(key);
    const record = stored && parseRecord(key, stored.data);
    if (record && 'variables' in record && record.owner === owner) owned.push(key);
  }
  return owned;
}

/** What that many logins would leave, in one write each and one for the list. */
async function fill(adapter: SessionAdapter, owner: string, count: number): Promise<void> {
  const now = Date.now();
  const entries = Array.from({ length: count }, (_, index): OwnerEntry => {
    const loggedInAt = now + index;
    return { key: sessionKey('sess:', createId()), createdAt: now, loggedInAt, listedAt: now };
  });
  const rest = entries.values();
  const writer = async (): Promise<void> => {
    for (const { key, createdAt, loggedInAt } of rest) {
      const record = { createdAt, loggedInAt, owner, writes: '', variables: new Map() };
      await adapter.create(key, serializeRecord(key, record), 600);
    }
  };
  await Promise.all(Array.from({ length: 32 }, writer));
  const key = ownerKey('sess:', owner);
  await adapter.create(key, serializeOwnerList(key, { sessions: entries }), 600);
}
