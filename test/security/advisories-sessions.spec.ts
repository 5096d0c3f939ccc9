import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SessionModuleOptions, SessionSerializer } from 'nestjs-session-bag';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { frame } from '../../lib/record/frame.js';
import { createId, sessionKey } from '../../lib/record/ids.js';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { temporaryFolder } from './temporary-folder.js';
import { startVisitorApp, type VisitorApp, visitOf } from './visitor-app.js';

/** Each of these has let somebody in, or kept somebody in, in another session library. */
describe.each(platforms)('advisories about sessions, on %s', (platform) => {
  let store: CountingAdapter;
  let app: VisitorApp;

  const start = async (
    options: Partial<SessionModuleOptions> = {},
    adapter: SessionAdapter = store,
  ): Promise<Client> => {
    app = await startVisitorApp(platform, adapter, options);
    return new Client(app.url);
  };
  const idOf = (client: Client): string => client.cookies.get('sid') ?? '';
  const recordOf = (id: string) => store.peek(sessionKey('sess:', id));

  /** The browser at the application's next release. */
  const restart = async (
    client: Client,
    options: Partial<SessionModuleOptions>,
  ): Promise<Client> => {
    await app.close();
    await start(options);
    return client.tab(app.url);
  };

  /** Writes to the store, as one who can do that, but has no keys. */
  const forge = async (id: string, content: object): Promise<void> => {
    const key = sessionKey('sess:', id);
    const forged = { createdAt: Date.now(), writes: '', ...content };
    await store.destroy(key);
    await store.create(key, frame(key, 'session', JSON.stringify(forged)), 60);
  };

  beforeEach(() => {
    store = new CountingAdapter();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
  });

  it('CVE-2024-35220: no expired session is accepted, even if the store still has it', async () => {
    const began = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(began);
    const client = await start({ lifetime: 100, absoluteLifetime: 250 }, new Undying());
    await client.post('/login/anna');
    for (const second of [90, 180, 249]) {
      clock.mockReturnValue(began + second * 1000);
      expect(await visitOf(client)).toMatchObject({ owner: 'anna' });
    }
    clock.mockReturnValue(began + 250_000);
    expect((await visitOf(client)).owner).toBeUndefined();
  });

  it('CVE-2025-46336: a concurrent request does not restore a session that was ended', async () => {
    const client = await start();
    await client.post('/login/anna');
    const slow = client.tab();
    const held = store.holdNext('update');
    const answer = slow.post('/set', { cart: 'book' });
    await held.arrived;
    await client.tab().post('/logout');
    held.release();
    expect(await answer).toMatchObject({ status: 409, setCookies: [] });
    expect(await recordOf(idOf(client))).toBeUndefined();
    expect((await visitOf(client)).owner).toBeUndefined();
  });

  it('CVE-2024-38513: an id that a client has chosen is not adopted', async () => {
    const chosen = createId();
    await start();
    const victim = new Client(app.url, [['sid', chosen]]);
    await victim.post('/login/anna');
    expect(idOf(victim)).not.toBe(chosen);
    expect(await recordOf(chosen)).toBeUndefined();
    const attacker = new Client(app.url, [['sid', chosen]]);
    expect((await visitOf(attacker)).owner).toBeUndefined();
  });

  it('CVE-2026-39324: what does not unseal is read by no other decoder', async () => {
    captureLogs();
    const client = await start({ encryption: { keys: [randomBytes(32)] } });
    await client.post('/set', { cart: 'book' });
    expect((await visitOf(client)).all).toEqual({ cart: 'book' });
    await forge(idOf(client), { variables: { admin: true } });
    expect(await visitOf(client)).toMatchObject({ isNew: true, all: {} });
  });

  it('CVE-2026-39324: what the serializer refuses is read by no other decoder', async () => {
    captureLogs();
    const client = await start({ serializer: MARKING });
    await client.post('/set', { cart: 'book' });
    expect((await visitOf(client)).all).toEqual({ cart: 'book' });
    await forge(idOf(client), { text: '{"admin":true}', variables: { admin: true } });
    expect(await visitOf(client)).toMatchObject({ isNew: true, all: {} });
  });

  it('CVE-2025-47278: the first key seals, and a key that was removed opens nothing', async () => {
    captureLogs();
    const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
    const before = await start({ encryption: { keys: [oldKey] } });
    await before.post('/set', { cart: 'book' });
    const between = await restart(before, { encryption: { keys: [newKey, oldKey] } });
    expect((await visitOf(between)).all).toEqual({ cart: 'book' });
    const untouched = await restart(between, { encryption: { keys: [newKey] } });
    expect(await visitOf(untouched)).toMatchObject({ isNew: true, all: {} });
    const rotating = await restart(between, { encryption: { keys: [newKey, oldKey] } });
    await rotating.post('/set', { size: 'small' });
    const rotated = await restart(rotating, { encryption: { keys: [newKey] } });
    expect((await visitOf(rotated)).all).toEqual({ cart: 'book', size: 'small' });
  });

  it('CVE-2025-61686: an id is never part of a path', async () => {
    const folder = await temporaryFolder();
    const adapter = new FileAdapter({ path: join(folder, 'sessions') });
    await adapter.open();
    await start({ prefix: '../../etc/' }, adapter);
    for (const id of ['../../etc/passwd', '..%2F..%2Fetc%2Fpasswd', '/etc/passwd', 'a\\..\\b']) {
      const client = new Client(app.url, [['sid', id]]);
      await client.post('/set', { cart: 'book' });
      expect(await visitOf(client)).toMatchObject({ all: { cart: 'book' } });
    }
    expect(await readdir(folder)).toEqual(['sessions']);
    for (const name of await readdir(join(folder, 'sessions'))) {
      expect(name).toMatch(/^[0-9a-f]{64}\.session$/);
    }
  });

  it('CVE-2021-34428: code of the application that throws does not keep a session alive', async () => {
    const fail = (): never => {
      throw new Error('out of order');
    };
    let isBroken = false;
    const client = await start({
      intercept: {
        get: (_, value) => (isBroken ? fail() : value),
        set: (_, value) => (isBroken ? fail() : value),
      },
      serializer: {
        serialize: (variables) => (isBroken ? fail() : JSON.stringify(variables)),
        deserialize: (text) => JSON.parse(text) as Record<string, unknown>,
      },
    });
    await client.post('/login/anna');
    const before = client.tab();
    isBroken = true;
    expect((await client.post('/logout')).status).toBe(201);
    expect(client.cookies.size).toBe(0);
    isBroken = false;
    expect(await recordOf(idOf(before))).toBeUndefined();
    expect((await visitOf(before)).owner).toBeUndefined();
  });

  it('CVE-2021-34428: a store that fails at a logout leaves no half of it', async () => {
    const client = await start();
    await client.post('/login/anna');
    store.failNext('destroy', 4);
    expect(await client.post('/logout')).toMatchObject({ status: 503, setCookies: [] });
    expect(await visitOf(client)).toMatchObject({ owner: 'anna' });
  });

  it('CVE-2015-5143: requests with unknown ids leave no records', async () => {
    await start();
    for (const path of ['/me', '/ask/bag', '/ask/keys']) {
      const visitor = new Client(app.url, [['sid', createId()]]);
      expect(await visitor.get(path)).toMatchObject({ status: 200, setCookies: [] });
    }
    const leaving = new Client(app.url, [['sid', createId()]]);
    expect((await leaving.post('/logout')).status).toBe(201);
    expect(store.count('create')).toBe(0);
    expect(store.count('update')).toBe(0);
  });

  it('CVE-2023-46733: logging in again, as the same user, gives a new id and ends the old', async () => {
    const client = await start();
    await client.post('/login/anna');
    const before = client.tab();
    await client.post('/login/anna');
    expect(idOf(client)).not.toBe(idOf(before));
    expect((await visitOf(before)).owner).toBeUndefined();
    expect((await visitOf(client)).owner).toBe('anna');
  });
});

/** A store that forgets nothing, as one does whose clock is wrong or whose expiry is not set up. */
class Undying extends MemoryAdapter {
  override read(key: string) {
    return super.read(key);
  }

  override create(key: string, data: string) {
    return super.create(key, data, 1_000_000);
  }

  override update(key: string, data: string, _: number, version: number) {
    return super.update(key, data, 1_000_000, version);
  }
}

/** Refuses what does not bear its mark. */
const MARKING: SessionSerializer = {
  serialize: (variables) => `signed:${JSON.stringify(variables)}`,
  deserialize: (text) => {
    if (!text.startsWith('signed:')) throw new Error('not signed');
    return JSON.parse(text.slice('signed:'.length)) as Record<string, unknown>;
  },
};
