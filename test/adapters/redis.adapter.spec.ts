import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { itTogether } from '../support/it-together.js';
import { pollUntil } from '../support/poll.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
let ioredis: Redis;
let nodeRedis: ReturnType<typeof createClient>;

beforeAll(async () => {
  server = await startRedis();
  ioredis = new Redis(server.port, '127.0.0.1');
  nodeRedis = createClient({ socket: { host: '127.0.0.1', port: server.port } });
  await nodeRedis.connect();
});
afterAll(async () => {
  ioredis.disconnect();
  nodeRedis.destroy();
  await server.stop();
});

const clients: [string, () => RedisAdapter][] = [
  ['its own client', () => new RedisAdapter({ port: server.port, storeTimeout: 10_000 })],
  [
    'the ioredis of the application',
    () => new RedisAdapter({ client: ioredis, storeTimeout: 10_000 }),
  ],
  [
    'the node-redis of the application',
    () => new RedisAdapter({ client: nodeRedis, storeTimeout: 10_000 }),
  ],
];

for (const [name, create] of clients) {
  describeSessionAdapter(`redis with ${name}`, create, { describe, it: itTogether() });
}

describe.each(clients)('RedisAdapter with %s', (_, create) => {
  let adapter: RedisAdapter;

  beforeEach(async () => {
    await ioredis.flushall();
    adapter = create();
    await adapter.open();
  });
  afterEach(() => adapter.close());

  it('R22 takes one command for each call, reading and extending together', async () => {
    await adapter.create('k', 'warm', 60);
    await adapter.update('k', 'up', 60, (await adapter.read('k'))?.version ?? '');
    await adapter.destroy('k');

    expect(await commandsOf(() => adapter.create('k', 'data', 60))).toEqual({ set: 1 });
    expect(await commandsOf(() => adapter.read('k'))).toEqual({ getex: 1 });
    expect(await commandsOf(() => adapter.read('k', 60))).toEqual({ getex: 1 });
    const version = (await adapter.read('k'))?.version ?? '';
    // GETRANGE and SET are what the script does inside the server.
    expect(await commandsOf(() => adapter.update('k', 'new', 60, version))).toEqual({
      evalsha: 1,
      getrange: 1,
      set: 1,
    });
    expect(await commandsOf(() => adapter.update('k', 'new', 60, version))).toEqual({
      evalsha: 1,
      getrange: 1,
    });
    expect(await commandsOf(() => adapter.destroy('k'))).toEqual({ unlink: 1 });
  });

  it('R11 updates also after the server has forgotten its scripts', async () => {
    await adapter.create('k', 'one', 60);
    const first = await adapter.read('k');
    await ioredis.script('FLUSH');
    expect(await adapter.update('k', 'two', 60, first?.version ?? '')).toBe(true);
    expect(await adapter.update('k', 'three', 60, first?.version ?? '')).toBe(false);
    await ioredis.script('FLUSH');
    expect(await adapter.update('k', 'three', 60, first?.version ?? '')).toBe(false);
    expect((await adapter.read('k'))?.data).toBe('two');
  });

  it('R12 never gives a version of a destroyed record to its successor', async () => {
    const versions = new Set<unknown>();
    for (let life = 0; life < 50; life++) {
      await adapter.create('k', 'data', 60);
      for (let change = 0; change < 4; change++) {
        const version = (await adapter.read('k'))?.version ?? '';
        versions.add(version);
        expect(await adapter.update('k', 'data', 60, version)).toBe(true);
      }
      await adapter.destroy('k');
    }
    expect(versions.size).toBe(200);
  });

  it('R11 gives no version again that was lost, as in a failover', async () => {
    await adapter.create('k', 'zero', 60);
    const kept = (await ioredis.get('k')) ?? '';
    const before = await adapter.read('k');
    await adapter.update('k', 'lost', 60, before?.version ?? '');
    const lost = await adapter.read('k');
    await ioredis.set('k', kept, 'EX', 60);
    expect(await adapter.update('k', 'another', 60, before?.version ?? '')).toBe(true);
    expect(await adapter.update('k', 'stale', 60, lost?.version ?? '')).toBe(false);
    expect((await adapter.read('k'))?.data).toBe('another');
  });

  it('R22 keeps a record to the millisecond, and extends it in whole ones', async () => {
    await adapter.create('k', 'data', 1.5);
    expect(await ioredis.pexpiretime('k')).toBeLessThanOrEqual(Date.now() + 1500);
    expect(await ioredis.pttl('k')).toBeGreaterThan(1000);
    await adapter.read('k', 100.0004);
    expect(await ioredis.pttl('k')).toBeGreaterThan(99_000);
    expect(await ioredis.pttl('k')).toBeLessThanOrEqual(100_001);
    const { version } = (await adapter.read('k')) ?? { version: '' };
    expect(await ioredis.pttl('k')).toBeGreaterThan(99_000);
    await adapter.update('k', 'data', 0.0001, version);
    expect(await ioredis.pttl('k')).toBeLessThanOrEqual(1);
  });

  it('R22 leaves the data alone when it extends', async () => {
    await adapter.create('k', 'data', 60);
    const before = await ioredis.get('k');
    await adapter.read('k', 120);
    expect(await ioredis.get('k')).toBe(before);
    expect(before).toMatch(/^\d{1,16}:data$/);
  });

  it.each(['text', '', ':', 'x:y', '12345678901234567:{}', '-1:{}', '1.5:{}', '{"a":1}'])(
    'R24 hands on foreign text (%j) whole, and never replaces it',
    async (text) => {
      await ioredis.set('k', text);
      const record = await adapter.read('k', 60);
      expect(record?.data).toBe(text);
      expect(await adapter.update('k', 'mine', 60, record?.version ?? 0)).toBe(false);
      expect(await adapter.create('k', 'mine', 60)).toBe(false);
      expect(await ioredis.get('k')).toBe(text);
    },
  );

  it('R24 takes a value of another type for foreign data, and leaves it', async () => {
    await adapter.create('k', 'data', 60);
    const own = await adapter.read('k');
    await ioredis.del('k');
    await ioredis.hset('k', 'field', 'value');
    const foreign = await adapter.read('k', 60);
    expect(foreign?.data).toBe('');
    expect(await adapter.update('k', 'mine', 60, foreign?.version ?? 0)).toBe(false);
    expect(await adapter.update('k', 'mine', 60, own?.version ?? 0)).toBe(false);
    expect(await adapter.create('k', 'mine', 60)).toBe(false);
    expect(await ioredis.hgetall('k')).toEqual({ field: 'value' });
    await adapter.destroy('k');
    expect(await adapter.read('k')).toBeUndefined();
  });

  it('R25 rejects after it was closed, and can be opened again', async () => {
    await adapter.close();
    await adapter.close();
    await expect(adapter.read('k')).rejects.toThrow(/not open/);
    await adapter.open();
    await adapter.open();
    await adapter.ping();
  });

  it('leaves a client that was handed in connected', async () => {
    await adapter.close();
    expect(await ioredis.ping()).toBe('PONG');
    expect(await nodeRedis.ping()).toBe('PONG');
  });
});

describe('RedisAdapter', () => {
  it('connects a lazy ioredis of the application with the first call', async () => {
    const client = new Redis({ port: server.port, host: '127.0.0.1', lazyConnect: true });
    const adapter = new RedisAdapter({ client });
    await adapter.open();
    expect(client.status).toBe('ready');
    client.disconnect();
  });

  it('leaves no listener on a client whose server it has waited for', async () => {
    const port = await freePort();
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 60_000 });
    client.on('error', () => {});
    await new Promise<void>((resolve) => void client.once('close', () => resolve()));
    const names = ['ready', 'close', 'end'];
    const before = names.map((name) => client.listenerCount(name));
    const adapter = new RedisAdapter({ client });
    const opening = failureOf(adapter.open());
    await pollUntil(async () => client.listenerCount('ready') > (before[0] ?? 0), {
      within: 5000,
      what: 'the adapter waits for the connection',
    });
    await adapter.close();
    expect((await opening).message).toMatch(/was closed/);
    expect(names.map((name) => client.listenerCount(name))).toEqual(before);
    client.disconnect();
  });

  it('keeps to the key prefix of the application’s ioredis', async () => {
    const client = new Redis(server.port, '127.0.0.1', { keyPrefix: 'app:' });
    const adapter = new RedisAdapter({ client });
    await adapter.open();
    await adapter.create('k', 'one', 60);
    const { version } = (await adapter.read('k', 60)) ?? { version: '' };
    expect(await adapter.update('k', 'two', 60, version)).toBe(true);
    expect(await ioredis.get('app:k')).toMatch(/:two$/);
    await adapter.destroy('k');
    expect(await ioredis.exists('app:k')).toBe(0);
    client.disconnect();
  });

  it('R25 takes nothing for an answer that a MULTI of the application has queued', async () => {
    const client = new Redis(server.port, '127.0.0.1');
    const adapter = new RedisAdapter({ client });
    await adapter.open();
    await adapter.create('queued', 'data', 60);
    const version = (await adapter.read('queued'))?.version ?? '';
    await client.multi({ pipeline: false });
    const calls = [
      adapter.read('queued'),
      adapter.read('queued', 60),
      adapter.create('other', 'data', 60),
      adapter.update('queued', 'new', 60, version),
      adapter.destroy('queued'),
      adapter.ping(),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: { message: expect.stringMatching(/MULTI/) } });
    }
    await client.discard();
    expect(await adapter.read('queued')).toEqual({ data: 'data', version });
    expect(await adapter.read('other')).toBeUndefined();
    client.disconnect();
  });

  it('reads text from a node-redis that gives the application buffers', async () => {
    const client = nodeRedis.withTypeMapping({ [36]: Buffer });
    const adapter = new RedisAdapter({ client });
    await adapter.open();
    await adapter.create('mapped', 'data', 60);
    expect(Buffer.isBuffer(await client.get('mapped'))).toBe(true);
    expect((await adapter.read('mapped', 60))?.data).toBe('data');
  });
});

/** The commands that the server ran during `work`, in number. */
async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  await ioredis.config('RESETSTAT');
  await work();
  const lines = (await redisCommand(server.port, 'INFO', 'commandstats')).matchAll(
    /^cmdstat_([^:]+):calls=(\d+)/gm,
  );
  const counts = Object.fromEntries([...lines].map(([, name, calls]) => [name, Number(calls)]));
  delete counts['config|resetstat'];
  return counts;
}
