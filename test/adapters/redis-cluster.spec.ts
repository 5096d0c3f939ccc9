import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { startStopwatch } from '../support/stopwatch.js';
import { pollUntil } from '../support/poll.js';
import { itTogether } from '../support/it-together.js';
import { redisCli, redisCommand, startRedisCluster } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';

const STORE_TIMEOUT = 1000;
const KEYS = Array.from({ length: 60 }, (_, index) => `sess:${index}`);

let servers: readonly ServerProcess[];
let ioredis: Cluster;
let nodeRedis: ReturnType<typeof createCluster>;

beforeAll(async () => {
  servers = await startRedisCluster();
  ioredis = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
  nodeRedis = createCluster({
    rootNodes: servers.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })),
  });
  nodeRedis.on('error', () => {});
  await nodeRedis.connect();
}, 30_000);
afterAll(async () => {
  ioredis.disconnect();
  nodeRedis.destroy();
  await Promise.all(servers.map((server) => server.stop()));
});

const clients: [string, () => RedisAdapter][] = [
  [
    'the Cluster of ioredis',
    () => new RedisAdapter({ client: ioredis, storeTimeout: STORE_TIMEOUT }),
  ],
  [
    'createCluster of node-redis',
    () => new RedisAdapter({ client: nodeRedis, storeTimeout: STORE_TIMEOUT }),
  ],
];

for (const [name, create] of clients) {
  describeSessionAdapter(`redis with ${name}`, create, { describe, it: itTogether() });
}

it('R25 the own client tells that it takes a client of the whole Cluster', async () => {
  const adapter = new RedisAdapter({ port: servers[0]?.port });
  await adapter.open();
  const outcomes = await Promise.allSettled(KEYS.map((key) => adapter.read(key)));
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    expect((error as Error).message).toMatch(/MOVED.*option client/);
  }
  await adapter.close();
});

describe.each(clients)('RedisAdapter on a Redis Cluster with %s', (_, create) => {
  let adapter: RedisAdapter;

  beforeAll(async () => {
    adapter = create();
    await adapter.open();
    await adapter.ping();
    await Promise.all(KEYS.map((key) => adapter.destroy(key)));
    await Promise.all(KEYS.map((key) => adapter.create(key, '0', 600)));
  });
  afterAll(() => adapter.close());

  it('finds the node of every key', async () => {
    const sizes = await Promise.all(servers.map(({ port }) => redisCommand(port, 'DBSIZE')));
    expect(sizes.filter((size) => Number(size.slice(1)) > 5)).toHaveLength(3);
    for (const key of KEYS) {
      const record = await adapter.read(key, 600);
      expect(record?.data).toBe('0');
      expect(await adapter.update(key, '1', 600, record?.version ?? '')).toBe(true);
      expect(await adapter.update(key, '2', 600, record?.version ?? '')).toBe(false);
    }
  });

  it('R11 loses no update while slots move to another node', async () => {
    const [from, to] = await Promise.all(servers.map(({ port }) => nodeId(port)));
    const moving = reshard(`${from}`, `${to}`).then(() => 'moved');
    let rounds = 0;
    do {
      await Promise.all(KEYS.map((key) => increment(adapter, key)));
      rounds++;
    } while ((await Promise.race([moving, Promise.resolve('moving')])) !== 'moved');
    expect(rounds).toBeGreaterThan(5);
    for (const key of KEYS) expect((await adapter.read(key))?.data).toBe(String(1 + rounds));
  }, 30_000);

  it('R23 R25 rejects in time for the node that is down, serves the others, and heals', async () => {
    const [node] = servers;
    await node?.kill();
    const outcomes = await Promise.all(KEYS.map((key) => outcomeOf(adapter.read(key, 600))));
    expect(new Set(outcomes.map(({ result }) => result))).toEqual(
      new Set(['found', 'unavailable']),
    );
    expect(Math.max(...outcomes.map(({ took }) => took))).toBeLessThan(1.1 * STORE_TIMEOUT);

    await node?.start();
    await pollUntil(
      async () => {
        const results = await Promise.all(KEYS.map((key) => outcomeOf(adapter.read(key))));
        return results.every(({ result }) => result !== 'unavailable');
      },
      { within: 20_000, what: 'every node answers again' },
    );
  }, 30_000);
});

async function nodeId(port: number): Promise<string | undefined> {
  return (await redisCommand(port, 'CLUSTER', 'MYID')).split('\r\n')[1];
}

function reshard(from: string, to: string): Promise<string> {
  const route = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', '600'];
  return redisCli(
    '--cluster',
    'reshard',
    `127.0.0.1:${servers[0]?.port}`,
    ...route,
    '--cluster-yes',
  );
}

async function increment(adapter: RedisAdapter, key: string): Promise<void> {
  for (;;) {
    const record = await adapter.read(key, 600);
    if (!record) throw new Error('A record was lost.');
    const next = String(Number(record.data) + 1);
    if (await adapter.update(key, next, 600, record.version)) return;
  }
}

async function outcomeOf(reading: Promise<unknown>): Promise<{ result: string; took: number }> {
  const time = startStopwatch();
  const result = await reading.then(
    (record) => (record ? 'found' : 'absent'),
    (error: unknown) => (error instanceof SessionStoreUnavailableException ? 'unavailable' : error),
  );
  return { result: String(result), took: time() };
}
