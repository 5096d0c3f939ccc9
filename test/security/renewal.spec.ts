import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SessionInfo } from 'nestjs-session-bag';
import type { SessionCommonOptions } from '../../lib/interfaces/session-common-options.interface.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { sessionKey } from '../../lib/record/ids.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { startVisitorApp, type VisitorApp, visitOf } from './visitor-app.js';

const RENEW_AFTER = 60;

describe.each(platforms)('renewal of ids on %s', (platform) => {
  const began = Date.now();
  let store: CountingAdapter;
  let app: VisitorApp;
  let other: VisitorApp | undefined;
  let clock: jest.Spied<typeof Date.now>;

  const start = async (options: SessionCommonOptions = {}): Promise<Client> => {
    app = await startVisitorApp(platform, store, { renewAfter: RENEW_AFTER, ...options });
    return newVisitor();
  };
  /** Whose session is stored. */
  const newVisitor = async (): Promise<Client> => {
    const client = new Client(app.url);
    await client.post('/set', { cart: 'book' });
    return client;
  };
  const after = (seconds: number): void => void clock.mockReturnValue(began + seconds * 1000);
  const idOf = (client: Client): string => client.cookies.get('sid') ?? '';
  const recordOf = (id: string) => store.peek(sessionKey('sess:', id));

  beforeEach(() => {
    store = new CountingAdapter();
    clock = jest.spyOn(Date, 'now').mockReturnValue(began);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
    await other?.close();
    other = undefined;
  });

  it('gives one new id to ten parallel requests, and all of them go on', async () => {
    const client = await start();
    const tabs = Array.from({ length: 10 }, () => client.tab());
    after(RENEW_AFTER);
    const visits = await Promise.all(tabs.map(visitOf));
    expect(visits.map(({ all }) => all)).toEqual(tabs.map(() => ({ cart: 'book' })));
    const ids = new Set(tabs.map(idOf));
    expect(ids.size).toBe(1);
    expect(ids).not.toContain(idOf(client));
    expect(store.count('create')).toBe(2);
  });

  it('gives one new id although two processes renew at once', async () => {
    const client = await start();
    other = await startVisitorApp(platform, store, { renewAfter: RENEW_AFTER });
    const tabs = [client.tab(), client.tab(other.url)];
    after(RENEW_AFTER);
    const held = store.holdNext('update');
    const answers = Promise.all(tabs.map(visitOf));
    await held.arrived;
    held.release();
    expect((await answers).map(({ all }) => all)).toEqual([{ cart: 'book' }, { cart: 'book' }]);
    expect(new Set(tabs.map(idOf)).size).toBe(1);
    const alive = await Promise.all(
      store.calls.filter(({ method }) => method === 'create').map(({ key }) => store.peek(key)),
    );
    expect(alive.filter((record) => record?.data.includes('book'))).toHaveLength(1);
  });

  it('leads from the old id to the session for 30 seconds, and no longer', async () => {
    const client = await start();
    const [early, late] = [client.tab(), client.tab()];
    after(RENEW_AFTER);
    await visitOf(client);
    after(RENEW_AFTER + 29.9);
    expect(await visitOf(early)).toMatchObject({ isNew: false, all: { cart: 'book' } });
    expect(idOf(early)).toBe(idOf(client));
    after(RENEW_AFTER + 30);
    const oldId = idOf(late);
    expect(await visitOf(late)).toMatchObject({ isNew: true, all: {} });
    expect(idOf(late)).toBe(oldId);
    expect(await visitOf(client)).toMatchObject({ all: { cart: 'book' } });
  });

  it.each(['old', 'new'] as const)('ends both ids by a logout under the %s one', async (which) => {
    const client = await start();
    const old = client.tab();
    after(RENEW_AFTER);
    await visitOf(client);
    const [oldAgain, newAgain] = [old.tab(), client.tab()];
    const leaving = which === 'old' ? old : client;
    expect((await leaving.post('/logout')).status).toBe(201);
    expect(leaving.cookies.size).toBe(0);
    expect(await visitOf(oldAgain)).toMatchObject({ isNew: true, all: {} });
    expect(await visitOf(newAgain)).toMatchObject({ isNew: true, all: {} });
  });

  it('ends the session by a slow logout that began before the renewal', async () => {
    const client = await start();
    const slow = client.tab();
    const arrival = app.stops.arrival();
    const answer = slow.post('/slow-logout');
    await arrival;
    after(RENEW_AFTER);
    await visitOf(client);
    app.stops.release();
    expect((await answer).status).toBe(201);
    expect(slow.cookies.size).toBe(0);
    expect(await visitOf(client)).toMatchObject({ isNew: true, all: {} });
  });

  it('leaves no way from the old id to the session after a login', async () => {
    const client = await start();
    const first = idOf(client);
    after(RENEW_AFTER);
    await visitOf(client);
    const second = idOf(client);
    await client.post('/login/anna');
    expect(await recordOf(second)).toBeUndefined();
    for (const id of [first, second]) {
      const thief = new Client(app.url, [['sid', id]]);
      expect(await visitOf(thief)).toMatchObject({ isNew: true, all: {} });
    }
    expect(await visitOf(client)).toMatchObject({ owner: 'anna', all: { cart: 'book' } });
  });

  it('logs in from a slow request whose id was renewed meanwhile', async () => {
    const client = await start();
    const slow = client.tab();
    const arrival = app.stops.arrival();
    const answer = slow.post('/slow-login/anna');
    await arrival;
    after(RENEW_AFTER);
    await visitOf(client);
    app.stops.release();
    expect((await answer).status).toBe(201);
    expect(await visitOf(slow)).toMatchObject({ owner: 'anna', all: { cart: 'book' } });
    expect(await visitOf(client)).toMatchObject({ isNew: true, all: {} });
  });

  it('stores what a slow request changes under the old id, and answers it the new one', async () => {
    const client = await start();
    const slow = client.tab();
    const arrival = app.stops.arrival();
    const answer = slow.post('/slow-set', { address: 'Oslo' });
    await arrival;
    after(RENEW_AFTER);
    await visitOf(client);
    app.stops.release();
    expect((await answer).status).toBe(201);
    expect(idOf(slow)).toBe(idOf(client));
    expect((await visitOf(client)).all).toEqual({ cart: 'book', address: 'Oslo' });
  });

  it('keeps what another process stores while the id is renewed', async () => {
    const client = await start();
    other = await startVisitorApp(platform, store);
    const tab = client.tab(other.url);
    after(RENEW_AFTER);
    const held = store.holdNext('update');
    const renewed = visitOf(client);
    await held.arrived;
    expect((await tab.post('/set', { address: 'Oslo' })).status).toBe(201);
    held.release();
    expect((await renewed).all).toMatchObject({ cart: 'book' });
    expect((await visitOf(client)).all).toEqual({ cart: 'book', address: 'Oslo' });
  });

  it('does not give a remembered browser its old id back', async () => {
    const client = await start();
    await client.post('/remember-me');
    const slow = client.tab();
    const arrival = app.stops.arrival();
    const answer = slow.get('/slow');
    await arrival;
    after(RENEW_AFTER);
    await visitOf(client);
    app.stops.release();
    expect(await answer).toMatchObject({ status: 200, setCookies: [] });
  });

  it('still lengthens the cookie of a remembered browser', async () => {
    const client = await start({ renewAfter: RENEW_AFTER, cookie: { clearWithBrowser: false } });
    after(RENEW_AFTER - 1);
    expect((await client.get('/me')).setCookies).toEqual([expect.stringContaining('Max-Age=3600')]);
    after(RENEW_AFTER);
    const before = idOf(client);
    expect((await client.get('/me')).setCookies).toEqual([expect.stringContaining('Max-Age=3600')]);
    expect(idOf(client)).not.toBe(before);
  });

  it.each(['create', 'update'] as const)(
    'answers under the old id while the store fails to %s, and renews later',
    async (method) => {
      const client = await start();
      const before = idOf(client);
      after(RENEW_AFTER);
      store.failNext(method, 3);
      expect((await visitOf(client)).all).toEqual({ cart: 'book' });
      expect(idOf(client)).toBe(before);
      expect((await visitOf(client)).all).toEqual({ cart: 'book' });
      expect(idOf(client)).not.toBe(before);
    },
  );

  it('leads on for as long as no answer could tell the new id', async () => {
    const client = await start();
    const before = idOf(client);
    after(RENEW_AFTER);
    // The first one marks the old id.
    store.planNext('update', (execute) => {
      store.failNext('update', 3);
      return execute();
    });
    expect(await client.post('/set', { cart: 'pen' })).toMatchObject({
      status: 503,
      setCookies: [],
    });
    after(RENEW_AFTER + 45);
    expect((await visitOf(client)).all).toEqual({ cart: 'book' });
    expect(idOf(client)).not.toBe(before);
  });

  it('leads on though a refused answer comes after a save()', async () => {
    const client = await start();
    const slow = client.tab();
    after(RENEW_AFTER);
    const arrival = app.stops.arrival();
    const answer = slow.post('/save-then-set', { cart: 'pen' });
    await arrival;
    store.failNext('update', 3);
    app.stops.release();
    expect(await answer).toMatchObject({ status: 503, setCookies: [] });
    after(RENEW_AFTER + 45);
    expect((await visitOf(client)).all).toEqual({ cart: 'book', saved: true });
  });

  it('leads on for a client that does not wait for the answer', async () => {
    const client = await start();
    const hasLeft = new AbortController();
    after(RENEW_AFTER);
    const arrival = app.stops.arrival();
    const answer = client.tab().get('/left', { signal: hasLeft.signal });
    await arrival;
    hasLeft.abort();
    app.stops.release();
    await expect(answer).rejects.toThrow('aborted');
    // Whatever would become of that answer has come to its end when another request has.
    await newVisitor();
    after(RENEW_AFTER + 45);
    expect((await visitOf(client)).all).toEqual({ cart: 'book' });
  });

  it('lists the session of an owner once right after its renewal', async () => {
    const client = await start();
    await client.post('/login/anna');
    after(RENEW_AFTER);
    const { key } = await visitOf(client);
    const listed = (await client.get('/devices/anna')).json() as SessionInfo[];
    expect(listed.map((session) => session.key)).toEqual([key]);
  });

  it('keeps in the store neither id, nor anything that opens the session', async () => {
    const client = await start();
    const before = idOf(client);
    after(RENEW_AFTER);
    await visitOf(client);
    const dump = await Promise.all([before, idOf(client)].map(recordOf));
    const text = JSON.stringify([dump, store.calls]);
    expect(text).toContain('sealed');
    expect(text).not.toContain(before);
    expect(text).not.toContain(idOf(client));
    const candidates = text.match(/[\w-]{43,}/g) ?? [];
    expect(candidates.length).toBeGreaterThan(2);
    for (const candidate of candidates.flatMap(windowsOf43)) {
      const thief = new Client(app.url, [['sid', candidate]]);
      expect(await visitOf(thief)).toMatchObject({ isNew: true, all: {} });
    }
  });

  it('counts a forged alias as no session', async () => {
    const memory = new MemoryAdapter();
    store = new CountingAdapter(memory);
    const client = await start();
    const old = client.tab();
    after(RENEW_AFTER);
    await visitOf(client);
    const theirs = await newVisitor();
    const theirOldKey = sessionKey('sess:', idOf(theirs));
    after(2 * RENEW_AFTER);
    await visitOf(theirs);
    await copyRecord(memory, theirOldKey, sessionKey('sess:', idOf(old)));
    expect((await old.get('/me')).status).toBe(200);
    expect(await visitOf(old)).toMatchObject({ isNew: true, all: {} });
  });
});

/** The first and the last 43 characters: where a sealed id is longer, an id could stand at either end. */
function windowsOf43(text: string): string[] {
  return [text.slice(0, 43), text.slice(-43)];
}

/** As an attacker does who writes to the store: framed for its new key, checksum and all. */
async function copyRecord(adapter: MemoryAdapter, from: string, to: string): Promise<void> {
  const { frame, unframe } = await import('../../lib/record/frame.js');
  const source = await adapter.read(from);
  const data = frame(to, 'session', unframe(from, 'session', source?.data ?? ''));
  expect(data).toContain('sealed');
  await adapter.destroy(to);
  expect(await adapter.create(to, data, 60)).toBe(true);
}
