import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SESSION_ADAPTER, type SessionAdapter } from 'nestjs-session-bag';
import { createId, ownerKey, sessionKey } from '../../lib/record/ids.js';
import { type OwnerEntry, serializeOwnerList } from '../../lib/record/owner-list.js';
import { serializeRecord } from '../../lib/record/record.js';
import { Client } from '../support/client.js';
import type { RunningApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { STARTING } from '../support/session-databases.js';
import { type RunningStore, storeKinds } from '../support/session-stores.js';
import { startShop, type Visit } from '../support/shop-app.js';

const PREFIX = 'shop:';

describe.each(storeKinds)('an application on $name ($platform)', ({ platform, start }) => {
  let store: RunningStore;
  let running: RunningApp;
  let adapter: SessionAdapter;
  let shortLived: { readonly client: Client; readonly key: string };

  beforeAll(async () => {
    store = await start();
    running = await startShop(platform, { ...store.choice, prefix: PREFIX, storeTimeout: 10_000 });
    adapter = running.app.get<SessionAdapter>(SESSION_ADAPTER);
    const client = visitor();
    await client.post('/remember/1');
    shortLived = { client, key: (await visit(client)).key };
  }, STARTING);
  afterAll(async () => {
    await running?.close();
    await store?.stop();
  });

  const visitor = (): Client => new Client(running.url);
  const visit = async (client: Client): Promise<Visit> => visitOf(await client.get('/visit'));
  const devices = async (owner: string): Promise<unknown[]> =>
    (await visitor().get(`/devices/${owner}`)).json() as unknown[];

  it('keeps variables and bags from request to request', async () => {
    const client = visitor();
    const variables = { text: 'Füße, 東京, 👩‍👩‍👧', list: [1, null, { a: [] }], none: null };
    await client.post('/set', variables);
    await client.post('/user', { name: 'Kimbra Johnson', age: 22 });
    await client.post('/user', { age: 23 });
    const user = { name: 'Kimbra Johnson', age: 23 };
    expect((await visit(client)).variables).toEqual({ ...variables, user });
    await client.send('DELETE', '/variable/list');
    const { list: _, ...kept } = variables;
    expect(await visit(client)).toMatchObject({ isNew: false, variables: { ...kept, user } });
    expect((await visit(client)).variables).not.toHaveProperty('list');
    expect(await visit(visitor())).toEqual({ key: '', isNew: true, variables: {} });
  });

  it('R11 loses no update of requests at once', async () => {
    const client = visitor();
    await client.post('/set', { begun: true });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => client.tab().post('/count')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await visit(client)).variables).toEqual({ begun: true, count: 30 });
  });

  it('R11 keeps every variable that requests set at once', async () => {
    const client = visitor();
    await client.post('/set', { begun: true });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    await Promise.all(
      numbers.map((number) => client.tab().post('/set', { [`v${number}`]: number })),
    );
    const expected = Object.fromEntries(numbers.map((number) => [`v${number}`, number]));
    expect((await visit(client)).variables).toEqual({ begun: true, ...expected });
  });

  it('R20 moves a session to a new id, and the old one opens nothing', async () => {
    const client = visitor();
    await client.post('/set', { cart: ['book'] });
    const { key } = await visit(client);
    const old = client.tab();
    const moved = visitOf(await client.post('/regenerate'));
    expect(moved.key).not.toBe(key);
    expect(await adapter.read(key)).toBeUndefined();
    expect(await visit(client)).toMatchObject({ key: moved.key, variables: { cart: ['book'] } });
    expect(await visit(old)).toEqual({ key: '', isNew: true, variables: {} });
  });

  it('R12 destroys a session for good', async () => {
    const client = visitor();
    await client.post('/set', { cart: ['book'] });
    const { key } = await visit(client);
    const other = client.tab();
    expect(visitOf(await client.post('/destroy')).variables).toEqual({});
    expect(await adapter.read(key)).toBeUndefined();
    expect(client.cookies.size).toBe(0);
    expect(await visit(other)).toEqual({ key: '', isNew: true, variables: {} });
  });

  it('lists and revokes the sessions of who has logged in', async () => {
    const clients = [visitor(), visitor(), visitor()];
    for (const client of clients) expect((await client.post('/login/anna')).status).toBe(201);
    const [phone = visitor(), laptop = visitor(), tablet = visitor()] = clients;
    const { key } = await visit(phone);
    expect(await devices('anna')).toHaveLength(3);
    const path = `/devices/anna/${encodeURIComponent(key)}`;
    expect((await laptop.send('DELETE', path)).json()).toEqual({ revoked: true });
    expect(await visit(phone)).toMatchObject({ isNew: true });
    expect((await laptop.send('DELETE', '/devices/anna')).json()).toEqual({ count: 1 });
    expect(await visit(tablet)).toMatchObject({ isNew: true });
    expect(await visit(laptop)).toMatchObject({ owner: 'anna' });
    expect(await devices('anna')).toMatchObject([{ key: (await visit(laptop)).key }]);
  });

  it('lists and revokes a thousand sessions of one owner', async () => {
    await storeSessionsOf('robot', 1000, adapter);
    expect(await devices('robot')).toHaveLength(1000);
    const answer = await visitor().send('DELETE', '/devices/robot');
    expect(answer.json()).toEqual({ count: 1000 });
    expect(await devices('robot')).toEqual([]);
  }, 30_000);

  it("R22 ends a session at the end of its own life, the store's grace included", async () => {
    const { client, key } = shortLived;
    expect(key).not.toBe('');
    const isOver = async (): Promise<boolean> => (await adapter.read(key)) === undefined;
    await pollUntil(isOver, { within: 3500, what: 'the session is over' });
    expect(await visit(client)).toEqual({ key: '', isNew: true, variables: {} });
  });
});

function visitOf(answer: { json(): unknown }): Visit {
  return answer.json() as Visit;
}

/** By way of the store, since as many logins one after the other would take long. */
async function storeSessionsOf(
  owner: string,
  count: number,
  adapter: SessionAdapter,
): Promise<void> {
  const now = Date.now();
  const record = { createdAt: now, owner, loggedInAt: now, writes: '', variables: new Map() };
  const entries: OwnerEntry[] = Array.from({ length: count }, () => {
    const key = sessionKey(PREFIX, createId());
    return { key, createdAt: now, loggedInAt: now, listedAt: now };
  });
  const rest = entries.values();
  const work = async (): Promise<void> => {
    for (const { key } of rest) await adapter.create(key, serializeRecord(key, record), 600);
  };
  await Promise.all(Array.from({ length: 32 }, work));
  const index = ownerKey(PREFIX, owner);
  await adapter.create(index, serializeOwnerList(index, { sessions: entries }), 600);
}
