import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect, isDeepStrictEqual } from 'node:util';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { pollUntil } from '../support/poll.js';
import {
  healed,
  redisSetups,
  type RedisSetup,
  type Outcome,
  timed,
} from '../support/redis-setups.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';

const STORE_TIMEOUT = 600;
const HEALS_WITHIN = 5000;

// An unhandled rejection anywhere in here fails the test in which it happens.
describe.each(redisSetups)('R23 R25 RedisAdapter with %s', (_, setUp) => {
  let server: ServerProcess;
  let setup: RedisSetup;
  let adapter: RedisAdapter;

  beforeAll(async () => {
    // A log of what was written lets the data outlive a killed server.
    server = await startRedis('--appendonly', 'yes');
    setup = await setUp(server.port, STORE_TIMEOUT);
    adapter = setup.adapter;
    await adapter.open();
  });
  afterAll(async () => {
    await setup.release();
    await server.stop();
  });
  beforeEach(async () => {
    await redisCommand(server.port, 'FLUSHALL');
    await adapter.create('kept', 'kept data', 600);
  });
  // A case that fails while the server is paused must not take the next ones along.
  afterEach(() => server.resume());

  it('settles 200 calls in time when the server is killed under them, and heals', async () => {
    const calls = mixedCalls(adapter, 200);
    await server.kill();
    const outcomes = await Promise.all(calls);
    expectTrueAnswers(outcomes);
    const late = await Promise.all(mixedCalls(adapter, 8));
    expectTrueAnswers(late);
    expect(late.every(({ error }) => error)).toBe(true);

    await server.start();
    await healed(adapter);
    expect((await adapter.read('kept'))?.data).toBe('kept data');
    const accepted = outcomes.flatMap(({ value }, index) => (value === true ? [index] : []));
    for (const index of accepted) {
      // From the server itself, which a busy machine may take longer than the adapter waits.
      const record = await redisCommand(server.port, 'GET', `new:${index}`);
      expect(record.endsWith(`:data ${index}\r\n`)).toBe(true);
    }
  });

  it('settles calls in time while the server hangs, sends none later, and heals', async () => {
    await server.pause();
    expectTrueAnswers(await Promise.all(mixedCalls(adapter, 40)));
    const second = mixedCalls(adapter, 40);
    const late = timed(adapter.create('late', 'data', 600));
    expectTrueAnswers(await Promise.all(second));
    expect((await late).error).toBeInstanceOf(SessionStoreUnavailableException);

    await server.resume();
    await healed(adapter);
    expect((await adapter.read('kept'))?.data).toBe('kept data');
  });

  it('outlives a restart of the server', async () => {
    await server.restart();
    await healed(adapter);
    expect((await adapter.read('kept', 600))?.data).toBe('kept data');
  });

  it('rejects what is in flight when it is closed', async () => {
    await server.pause();
    const calls = mixedCalls(adapter, 10);
    await adapter.close();
    for (const { error, took } of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(took).toBeLessThan(STORE_TIMEOUT / 2);
    }
    await server.resume();
    await pollUntil(() => adapter.open().then(() => true), {
      within: HEALS_WITHIN,
      what: 'it opens again',
    });
  });
});

describe('RedisAdapter with its own client', () => {
  let server: ServerProcess;
  let adapter: RedisAdapter;

  async function start(...flags: readonly string[]): Promise<void> {
    server = await startRedis(...flags);
    adapter = new RedisAdapter({ port: server.port, storeTimeout: STORE_TIMEOUT });
    await adapter.open();
  }
  afterEach(async () => {
    await adapter.close();
    await server.stop();
  });

  it('R23 never sends what waited for the connection until its time was over', async () => {
    await start();
    await server.pause();
    // The first is sent and gets no answer; with the second the connection is given up.
    await failureOf(adapter.ping());
    await failureOf(adapter.ping());
    const late = await timed(adapter.create('late', 'data', 600));
    expect(late.error).toBeInstanceOf(SessionStoreUnavailableException);
    await server.resume();
    await healed(adapter);
    expect(await adapter.read('late')).toBeUndefined();
  });

  it('R15 R25 rejects what a full server does not take, and goes on with the rest', async () => {
    await start('--maxmemory', '4mb', '--maxmemory-policy', 'noeviction');
    await adapter.create('kept', 'kept data', 60);
    const version = (await adapter.read('kept'))?.version ?? '';
    const large = 'x'.repeat(100_000);
    const keys = Array.from({ length: 60 }, (_, index) => `filling:${index}`);
    const filling = await Promise.all(keys.map((key) => timed(adapter.create(key, large, 60))));
    expect(filling.some(({ error }) => error)).toBe(true);

    const error = await failureOf(adapter.update('kept', large, 60, version));
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    expect(error.message).toMatch(/OOM.*maxmemory/);
    expect(await adapter.read('kept', 600)).toEqual({ data: 'kept data', version });
    expect(Number((await redisCommand(server.port, 'TTL', 'kept')).slice(1))).toBeGreaterThan(60);

    await Promise.all(keys.map((key) => adapter.destroy(key)));
    expect(await adapter.update('kept', 'new data', 60, version)).toBe(true);
  });

  it('R23 connects anew when its server has become a replica', async () => {
    await start();
    const before = await connectionsOf(server);
    await redisCommand(server.port, 'REPLICAOF', '127.0.0.1', '1');
    const error = await failureOf(adapter.create('k', 'data', 60));
    expect(error.message).toMatch(/READONLY.*connect to the primary/);
    await redisCommand(server.port, 'REPLICAOF', 'NO', 'ONE');
    await healed(adapter);
    expect(await adapter.create('k', 'data', 60)).toBe(true);
    // The two commands above, the one that asks here, and the new connection.
    expect((await connectionsOf(server)) - before).toBe(4);
  });
});

function mixedCalls(adapter: RedisAdapter, count: number): Promise<Outcome>[] {
  return Array.from({ length: count }, (_, index) => {
    return timed(mixedCall(adapter, index));
  });
}

function mixedCall(adapter: RedisAdapter, index: number): Promise<unknown> {
  if (index % 4 === 0) return adapter.create(`new:${index}`, `data ${index}`, 600);
  if (index % 4 === 1) return adapter.read('kept', 600);
  if (index % 4 === 2) return adapter.read('kept');
  return adapter.destroy(`nothing:${index}`);
}

/** In time; and whatever was answered is true: nothing that is there was called absent or taken. */
function expectTrueAnswers(outcomes: readonly Outcome[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome.took).toBeLessThan(1.1 * STORE_TIMEOUT);
    expect(judge(outcome, index)).toMatch(/^(true answer|unavailable)$/);
  }
}

function judge({ value, error }: Outcome, index: number): string {
  if (error instanceof SessionStoreUnavailableException) return 'unavailable';
  if (error) return `failed with ${inspect(error)}`;
  const right = [true, { data: 'kept data' }, { data: 'kept data' }, undefined][index % 4];
  return isDeepStrictEqual(withoutVersion(value), right) ? 'true answer' : `lie about ${index}`;
}

function withoutVersion(value: unknown): unknown {
  return typeof value === 'object' && value && 'data' in value ? { data: value.data } : value;
}

async function connectionsOf(server: ServerProcess): Promise<number> {
  const stats = await redisCommand(server.port, 'INFO', 'stats');
  return Number(/total_connections_received:(\d+)/.exec(stats)?.[1]);
}
