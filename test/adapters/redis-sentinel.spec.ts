import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { pollUntil } from '../support/poll.js';
import { redisCli, redisCommand, startRedis, startSentinel } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';

const WITHIN = 20_000;

let primary: ServerProcess;
let replica: ServerProcess;
let sentinel: ServerProcess;
let ioredis: Redis;
let nodeRedis: ReturnType<typeof createSentinel>;

beforeAll(async () => {
  primary = await startRedis();
  replica = await startRedis('--replicaof', '127.0.0.1', String(primary.port));
  sentinel = await startSentinel(primary);
  await pollUntil(async () => (await ask('REPLICAS', 'sessions')).includes('flags'), {
    within: WITHIN,
    what: 'the sentinel knows the replica',
  });
  const place = { host: '127.0.0.1', port: sentinel.port };
  ioredis = new Redis({ sentinels: [place], name: 'sessions', retryStrategy: () => 50 });
  ioredis.on('error', () => {});
  nodeRedis = createSentinel({ name: 'sessions', sentinelRootNodes: [place] });
  nodeRedis.on('error', () => {});
  await nodeRedis.connect();
}, 60_000);

afterAll(async () => {
  ioredis.disconnect();
  await nodeRedis.destroy();
  await Promise.all([sentinel.stop(), replica.stop(), primary.stop()]);
});

const ask = (...words: readonly string[]) =>
  redisCli('-p', String(sentinel.port), 'SENTINEL', ...words);

describe('redis behind a sentinel', () => {
  it('serves ioredis and node-redis, before and after a failover', async () => {
    const adapters = [
      new RedisAdapter({ client: ioredis }),
      new RedisAdapter({ client: nodeRedis }),
    ];
    await Promise.all(adapters.map((adapter) => adapter.open()));
    for (const [index, adapter] of adapters.entries())
      await exchange(adapter, `sess:before${index}`);

    expect(await redisCommand(primary.port, 'WAIT', '1', '10000')).toContain(':1');
    await pollUntil(async () => (await ask('FAILOVER', 'sessions')).startsWith('OK'), {
      within: WITHIN,
      what: 'the sentinel begins a failover',
    });
    await pollUntil(async () => (await redisCommand(replica.port, 'ROLE')).includes('master'), {
      within: WITHIN,
      what: 'the replica has become the primary',
    });
    // What the old primary accepts until it is told is lost: replication does not wait for it.
    await pollUntil(async () => (await redisCommand(primary.port, 'ROLE')).includes('slave'), {
      within: WITHIN,
      what: 'the old primary has become a replica',
    });
    for (const [index, adapter] of adapters.entries()) {
      await pollUntil(() => adapter.create(`sess:healed${index}`, 'data', 60).catch(() => false), {
        within: WITHIN,
        what: 'the adapter writes to the new primary',
      });
      await exchange(adapter, `sess:after${index}`);
      expect((await adapter.read(`sess:before${index}`))?.data).toBe('second');
    }
    expect(await redisCommand(replica.port, 'EXISTS', 'sess:after0', 'sess:after1')).toContain(
      ':2',
    );
  }, 60_000);
});

/** Creates, reads, swaps, and refuses an old version. */
async function exchange(adapter: RedisAdapter, key: string): Promise<void> {
  expect(await adapter.create(key, 'first', 60)).toBe(true);
  const record = await adapter.read(key, 60);
  expect(record?.data).toBe('first');
  const version = record?.version ?? '';
  expect(await adapter.update(key, 'second', 60, version)).toBe(true);
  expect(await adapter.update(key, 'third', 60, version)).toBe(false);
  expect((await adapter.read(key))?.data).toBe('second');
}
