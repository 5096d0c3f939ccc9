import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { startStopwatch } from './stopwatch.js';
import { pollUntil } from './poll.js';

const HEALS_WITHIN = 5000;

export interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
  /** Milliseconds by the stopwatch. */
  readonly took: number;
}

export interface RedisSetup {
  readonly adapter: RedisAdapter;
  /** Closes the adapter, and the client that was made for it. */
  release(): Promise<void>;
}

type SetUp = (port: number, storeTimeout: number) => Promise<RedisSetup>;

/** The ways in which an adapter comes by its connection. */
export const redisSetups: readonly [name: string, setUp: SetUp][] = [
  [
    'its own client',
    async (port, storeTimeout) => {
      const adapter = new RedisAdapter({ port, storeTimeout });
      return { adapter, release: () => adapter.close() };
    },
  ],
  [
    'the ioredis of the application',
    async (port, storeTimeout) => {
      const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 10 });
      client.on('error', () => {});
      const adapter = new RedisAdapter({ client, storeTimeout });
      return { adapter, release: () => adapter.close().finally(() => client.disconnect()) };
    },
  ],
  [
    'the node-redis of the application',
    async (port, storeTimeout) => {
      const client = createClient({
        socket: { host: '127.0.0.1', port, reconnectStrategy: () => 10 },
      });
      client.on('error', () => {});
      await client.connect();
      const adapter = new RedisAdapter({ client, storeTimeout });
      return { adapter, release: () => adapter.close().finally(() => client.destroy()) };
    },
  ],
];

export async function timed(call: Promise<unknown>): Promise<Outcome> {
  const time = startStopwatch();
  try {
    const value = await call;
    return { value, took: time() };
  } catch (error) {
    return { error, took: time() };
  }
}

/** Resolves when the adapter reaches its server again. */
export async function healed(adapter: RedisAdapter): Promise<void> {
  await pollUntil(() => adapter.ping().then(() => true), {
    within: HEALS_WITHIN,
    what: 'the adapter reaches its server again',
  });
}
