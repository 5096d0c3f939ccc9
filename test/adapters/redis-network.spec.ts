import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import type { RecordVersion } from '../../lib/adapters/session-adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { pollUntil } from '../support/poll.js';
import { startRedis } from '../support/redis-server.js';
import {
  healed,
  type Outcome,
  type RedisSetup,
  redisSetups,
  timed,
} from '../support/redis-setups.js';
import type { ServerProcess } from '../support/server-process.js';
import { type Stall, TcpProxy } from '../support/tcp-proxy.js';

const STORE_TIMEOUT = 500;

let server: ServerProcess;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

// An unhandled rejection anywhere in here fails the test in which it happens.
describe.each(redisSetups)('R23 R25 RedisAdapter with %s on a bad network', (_, setUp) => {
  let proxy: TcpProxy;
  let setup: RedisSetup;
  let adapter: RedisAdapter;

  beforeEach(async () => {
    proxy = await TcpProxy.to(server.port);
    setup = await setUp(proxy.port, STORE_TIMEOUT);
    adapter = setup.adapter;
    await adapter.open();
    for (const key of ['anna', 'berta']) {
      await adapter.destroy(key);
      await adapter.create(key, `data of ${key}`, 600);
    }
  });
  afterEach(async () => {
    await setup.release();
    await proxy.close();
  });

  it('never gives one session the bytes of another, wherever an answer is cut', async () => {
    const whole = 2 * `$31\r\n123456789012345:data of berta\r\n`.length;
    let answered = 0;
    for (let offset = 0; offset < whole; offset++) {
      const cut = proxy.cut(offset);
      const keys = ['anna', 'berta', 'nobody', 'anna', 'berta'];
      const outcomes = await Promise.all(keys.map((key) => timed(adapter.read(key, 600))));
      await cut;
      const expected = outcomes.map(({ error }, index) =>
        isUnavailable(error) ? 'unavailable' : truthAbout(keys[index]),
      );
      expect(outcomes.map(whatWasRead)).toEqual(expected);
      answered += outcomes.filter(({ error }) => !error).length;
      await healed(adapter);
    }
    expect(answered).toBeGreaterThan(0);
    expect((await adapter.read('anna'))?.data).toBe('data of anna');
    expect((await adapter.read('berta'))?.data).toBe('data of berta');
  }, 20_000);

  it.each<Stall>(['answers', 'both'])('settles in time when %s stall, and heals', async (what) => {
    proxy.stall(what);
    for (let round = 0; round < 2; round++) {
      const { error, took } = await timed(adapter.read('anna', 600));
      expect(isUnavailable(error)).toBe(true);
      expect(took).toBeLessThan(1.1 * STORE_TIMEOUT);
    }
    await proxy.heal();
    await healed(adapter);
    expect((await adapter.read('anna'))?.data).toBe('data of anna');
  });

  it('settles in time when the connection is reset and refused, and heals', async () => {
    await proxy.drop();
    const { error, took } = await timed(adapter.read('anna', 600));
    expect(isUnavailable(error)).toBe(true);
    expect(took).toBeLessThan(1.1 * STORE_TIMEOUT);
    await proxy.heal();
    await healed(adapter);
    expect((await adapter.read('anna'))?.data).toBe('data of anna');
  });
});

describe('RedisAdapter with its own client on a bad network', () => {
  let proxy: TcpProxy;
  let adapter: RedisAdapter;

  beforeEach(async () => {
    proxy = await TcpProxy.to(server.port);
    adapter = new RedisAdapter({ port: proxy.port, storeTimeout: STORE_TIMEOUT });
    await adapter.open();
  });
  afterEach(async () => {
    await adapter.close();
    await proxy.close();
  });

  it('R23 gives up a connection that stays silent', async () => {
    proxy.stall();
    await timed(adapter.ping());
    await pollUntil(() => proxy.accepted > 1, { within: 2000, what: 'it connects anew' });
    expect(proxy.connections).toBe(1);
  });

  it('R13 rejects an update whose answer is lost, and does not send it again', async () => {
    await adapter.destroy('k');
    await adapter.create('k', 'old', 600);
    await adapter.update('k', 'old', 600, await versionOf(adapter, 'k'));
    const version = await versionOf(adapter, 'k');
    const cut = proxy.cut(0);
    const { error } = await timed(adapter.update('k', 'new', 600, version));
    await cut;
    expect(isUnavailable(error)).toBe(true);
    await healed(adapter);
    expect((await adapter.read('k'))?.data).toBe('new');
  });
});

async function versionOf(adapter: RedisAdapter, key: string): Promise<RecordVersion> {
  return (await adapter.read(key))?.version ?? '';
}

function isUnavailable(error: unknown): boolean {
  return error instanceof SessionStoreUnavailableException;
}

function truthAbout(key: string | undefined): string {
  return key === 'nobody' ? 'nothing' : `data of ${key}`;
}

function whatWasRead({ value, error }: Outcome): string {
  if (error) return isUnavailable(error) ? 'unavailable' : `failed with ${inspect(error)}`;
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value && 'data' in value ? String(value.data) : 'no record';
}
