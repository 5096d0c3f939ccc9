import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { failureOf } from '../support/failure-of.js';
import { itTogether } from '../support/it-together.js';
import { memcachedStats, memcachedText, startMemcached } from '../support/memcached-server.js';
import type { ServerProcess } from '../support/server-process.js';

const DAY = 86_400;

let servers: readonly ServerProcess[];
let port: number;

beforeAll(async () => {
  servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()]);
  port = servers[0]?.port ?? 0;
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const cases = { describe, it: itTogether() };
const storeTimeout = 10_000;
describeSessionAdapter('memcached', () => new MemcachedAdapter({ port, storeTimeout }), cases);
describeSessionAdapter(
  'memcached, three servers',
  () => new MemcachedAdapter({ ...listOf(servers), storeTimeout }),
  cases,
);

describe('MemcachedAdapter', () => {
  let adapter: MemcachedAdapter;
  let key: string;

  beforeEach(async () => {
    key = `sess:${randomUUID()}`;
    adapter = new MemcachedAdapter({ port });
    await adapter.open();
  });
  afterEach(() => adapter.close());

  it('R22 sends one command for each call', async () => {
    expect(await commandsOf(() => adapter.create(key, 'one', 60))).toBe(1);
    expect(await commandsOf(() => adapter.read(key))).toBe(1);
    expect(await commandsOf(() => adapter.read(key, 60))).toBe(1);
    const { version = '' } = (await adapter.read(key)) ?? {};
    expect(await commandsOf(() => adapter.update(key, 'two', 60, version))).toBe(1);
    expect(await commandsOf(() => adapter.update(key, 'late', 60, version))).toBe(1);
    expect(await commandsOf(() => adapter.destroy(key))).toBe(1);
    expect(await commandsOf(() => adapter.destroy(key))).toBe(1);
  });

  it.each([
    ['half a second, rounded up', 0.5, 1],
    ['a second', 1, 1],
    ['an hour', 3600, 3600],
    ['29 days', 29 * DAY, 29 * DAY],
    ['30 days, from where on memcached wants a date', 30 * DAY, 30 * DAY],
    ['400 days', 400 * DAY, 400 * DAY],
  ])('R22 keeps a record for %s, and at most two seconds longer', async (_, ttl, least) => {
    await adapter.create(key, 'data', ttl);
    await expectLife(least);
    await adapter.read(key, ttl * 2);
    await expectLife(Math.ceil(ttl * 2));
    const { version = '' } = (await adapter.read(key)) ?? {};
    await adapter.update(key, 'data', ttl, version);
    await expectLife(least);
  });

  it.each([0, -1, Number.NaN])(
    'refuses a life of %d seconds, which would be forever',
    async (ttl) => {
      expect(await failureOf(adapter.create(key, 'data', ttl))).toBeInstanceOf(RangeError);
      expect(await failureOf(adapter.read(key, ttl))).toBeInstanceOf(RangeError);
      expect(await adapter.read(key)).toBeUndefined();
    },
  );

  it('refuses a value above a million bytes, names both sizes and keeps the old one', async () => {
    await adapter.create(key, 'old', 60);
    const { version = '' } = (await adapter.read(key)) ?? {};
    const failure = await failureOf(adapter.update(key, 'é'.repeat(500_001), 60, version));
    expect(failure).toBeInstanceOf(SessionSerializationException);
    expect(failure.message).toContain('1000002');
    expect(failure.message).toContain('1000000');
    expect(await adapter.read(key)).toEqual({ data: 'old', version });
    const most = 'é'.repeat(500_000);
    expect(await adapter.update(key, most, 60, version)).toBe(true);
    expect((await adapter.read(key))?.data === most).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['of 251 bytes', 'k'.repeat(251)],
    ['with a space', 'sess: k'],
    ['with a line feed', 'sess:\nk'],
    ['beyond ASCII', 'sess:ü'],
  ])('refuses a key that is %s, without showing it, and goes on', async (_, bad) => {
    const failure = await failureOf(adapter.read(bad));
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(failure.message).toContain('`prefix`');
    expect(failure.message).not.toContain(bad || 'undefined');
    expect(await adapter.create(key, 'data', 60)).toBe(true);
  });

  it.each(['', '0000000000000000', '12', 'zzzzzzzzzzzzzzzz', 1, 0])(
    'R11 takes no version that memcached cannot have given: %p',
    async (version) => {
      await adapter.create(key, 'data', 60);
      expect(await adapter.update(key, 'blind', 60, version)).toBe(false);
      expect((await adapter.read(key))?.data).toBe('data');
    },
  );

  it('R24 hands on what another program wrote, for the record to judge', async () => {
    await memcachedText(port, `set ${key} 0 60 7\r\nforeign\r\n`);
    const record = await adapter.read(key, 60);
    expect(record?.data).toBe('foreign');
    expect(await adapter.update(key, 'own', 60, record?.version ?? '')).toBe(true);
  });

  it('keeps each record on one server of several', async () => {
    const several = new MemcachedAdapter(listOf(servers));
    const reversed = new MemcachedAdapter(listOf(servers.toReversed()));
    const keys = Array.from({ length: 60 }, (_, index) => `${key}:${index}`);
    const itemsBefore = await Promise.all(servers.map(items));
    await Promise.all(keys.map((each) => several.create(each, each, 60)));
    const itemsAfter = await Promise.all(servers.map(items));
    const shares = itemsAfter.map((count, index) => count - (itemsBefore[index] ?? 0));
    expect(shares.reduce((sum, share) => sum + share)).toBe(60);
    expect(Math.min(...shares)).toBeGreaterThan(5);
    for (const each of keys) expect((await reversed.read(each))?.data).toBe(each);
    await Promise.all([several.close(), reversed.close()]);
  });

  async function expectLife(least: number): Promise<void> {
    const meta = await memcachedText(port, `mg ${key} t\r\nmn\r\n`);
    const left = Number(/^HD t(\d+)/.exec(meta)?.[1]);
    // The clock of memcached may have been a second behind when it counted, and ahead since.
    expect(left).toBeGreaterThanOrEqual(least - 1);
    expect(left).toBeLessThanOrEqual(least + 2);
  }
});

describe('MemcachedAdapter on a server that is full and may not evict', () => {
  it('R15 rejects a write, and keeps the old record', async () => {
    const server = await startMemcached('-M', '-m', '2', '-o', 'no_slab_reassign');
    const adapter = new MemcachedAdapter({ port: server.port });
    await adapter.create('sess:old', 'old', 60);
    const { version = '' } = (await adapter.read('sess:old')) ?? {};
    const big = 'x'.repeat(100_000);
    const full = await failureOf(createUntilRefused(adapter, big));
    expect(full).toBeInstanceOf(SessionStoreUnavailableException);
    expect(full.message).toContain('full');
    const refusal = await failureOf(adapter.update('sess:old', big, 60, version));
    expect(refusal).toBeInstanceOf(SessionStoreUnavailableException);
    expect(await adapter.read('sess:old')).toEqual({ data: 'old', version });
    await adapter.close();
    await server.stop();
  });

  it('R15 says so when the server takes only smaller items, and keeps the old record', async () => {
    const server = await startMemcached('-I', '512k');
    const adapter = new MemcachedAdapter({ port: server.port });
    await adapter.create('sess:old', 'old', 60);
    const { version = '' } = (await adapter.read('sess:old')) ?? {};
    const refusal = await failureOf(adapter.update('sess:old', 'x'.repeat(600_000), 60, version));
    expect(refusal).toBeInstanceOf(SessionSerializationException);
    expect(refusal.message).toContain('600000');
    expect(await adapter.read('sess:old')).toEqual({ data: 'old', version });
    await adapter.close();
    await server.stop();
  });
});

async function createUntilRefused(adapter: MemcachedAdapter, data: string): Promise<void> {
  for (let index = 0; index < 1000; index++) await adapter.create(`sess:${index}`, data, 60);
}

function listOf(list: readonly ServerProcess[]): { servers: string[] } {
  return { servers: list.map((server) => `127.0.0.1:${server.port}`) };
}

async function items(server: ServerProcess): Promise<number> {
  return (await memcachedStats(server.port)).get('curr_items') ?? Number.NaN;
}

async function commandsOf(call: () => Promise<unknown>): Promise<number> {
  const before = await commandCount();
  await call();
  return (await commandCount()) - before;
}

async function commandCount(): Promise<number> {
  const stats = await memcachedStats(port);
  const counters = ['cmd_get', 'cmd_set', 'cmd_touch', 'delete_hits', 'delete_misses'];
  return counters.reduce((sum, name) => sum + (stats.get(name) ?? Number.NaN), 0);
}
