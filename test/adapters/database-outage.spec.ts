import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inspect } from 'node:util';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { startStopwatch } from '../support/stopwatch.js';
import { pollUntil } from '../support/poll.js';
import { TestDatabase, databaseKinds } from '../support/session-databases.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Milliseconds that calls have, and what work may add to the waiting. */
const TIMEOUT = 800;
const SLACK = 200;

jest.setTimeout(20_000);

const servers = databaseKinds.filter(({ name }) => name !== 'SQLite');

describe.each(servers)('R23 The database adapter when $name is out of order', (kind) => {
  const database = TestDatabase.use(kind);

  function open(): Promise<DatabaseAdapter> {
    return database.openAdapter({ storeTimeout: TIMEOUT });
  }

  /** An adapter whose connections go to another port. */
  function adapterOn(port: number, login: object = {}): DatabaseAdapter {
    const connection = { ...database.login.connection, port, ...login };
    return database.adapter({ connection, storeTimeout: TIMEOUT });
  }

  it('settles 200 calls in flight when the server is killed, and heals when it is back', async () => {
    const adapter = await open();
    const calls = mixedCalls(adapter, 200);
    await calls[0];
    await database.server.kill();
    const outcomes = await Promise.allSettled(calls);
    const rejected = outcomes.filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    for (const { reason } of rejected as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(SessionStoreUnavailableException);
    }
    await expectInTime(adapter.read('key-1'));
    await database.server.start();
    await heals(adapter);
  });

  it('settles every call in time while the server hangs, and heals when it goes on', async () => {
    const adapter = await open();
    await Promise.all(mixedCalls(adapter, 20));
    await database.server.pause();
    try {
      await Promise.all(mixedCalls(adapter, 100).map(expectInTime));
      await expectInTime(adapter.read('key-1', 60));
      await expectInTime(adapter.ping());
      await expectInTime(adapter.sweep());
    } finally {
      await database.server.resume();
    }
    await heals(adapter);
  });

  it('rejects what is in flight when it is closed, although the server hangs', async () => {
    const adapter = await open();
    await database.server.pause();
    try {
      const call = failureOf(adapter.read('key'));
      const closing = adapter.close();
      expect((await call).message).toMatch(/adapter is closed/);
      await closing;
      expect((await failureOf(adapter.read('key'))).message).toMatch(/adapter is closed/);
    } finally {
      await database.server.resume();
    }
  });

  it('opens in vain on a port where nothing is, and works once a server is there', async () => {
    const { port } = database.server;
    await database.server.kill();
    const adapter = adapterOn(port);
    const error = await expectInTime(adapter.open());
    expect(error.message).toMatch(/cannot be reached \(ECONNREFUSED\).*Check `connection`/);
    expect(error.message).not.toContain(String(port));
    expect(inspect(error.cause)).toContain(String(port));
    await database.server.start();
    await heals(adapter);
  });

  it('R25 tells a wrong password from an empty store', async () => {
    const { port } = database.server;
    const adapter = adapterOn(port, { password: 'wr0ng' });
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/\((28P01|ER_ACCESS_DENIED_ERROR)\).* `connection`/);
    expect(inspect(error)).not.toContain('wr0ng');
    await expectInTime(adapter.read('key'));
  });

  describe('and the network between', () => {
    let proxy: TcpProxy;

    beforeEach(async () => {
      proxy = await TcpProxy.to(database.server.port);
    });

    afterEach(() => proxy.close());

    it('loses answers: calls end in time, and none is sent on a connection that hangs', async () => {
      const adapter = adapterOn(proxy.port);
      await adapter.open();
      await Promise.all(mixedCalls(adapter, 20));
      const before = proxy.accepted;
      proxy.stall();
      await Promise.all(mixedCalls(adapter, 20).map(expectInTime));
      await pollUntil(() => proxy.connections === 0, {
        within: 5000,
        what: 'the connections that hang are closed',
      });
      await proxy.heal();
      await heals(adapter);
      expect(proxy.accepted).toBeGreaterThan(before);
    });

    it('hangs from the beginning: opening ends in time, and later calls make up for it', async () => {
      proxy.stall('both');
      const adapter = adapterOn(proxy.port);
      const error = await expectInTime(adapter.open());
      expect(error.message).toMatch(/did not answer within 800 ms|cannot be reached/);
      await proxy.heal();
      await heals(adapter);
    });

    it('resets all connections', async () => {
      const adapter = adapterOn(proxy.port);
      await adapter.open();
      await proxy.drop();
      await expectInTime(adapter.read('key'));
      await proxy.heal();
      await heals(adapter);
    });

    it.each([0, 1, 7])(
      'R13 is cut after %d bytes of an answer: the call rejects',
      async (bytes) => {
        const adapter = adapterOn(proxy.port);
        await adapter.create('key', 'old', 60);
        const version = (await adapter.read('key'))?.version ?? 'none';
        const cut = proxy.cut(bytes);
        await expectInTime(adapter.update('key', 'new', 60, version));
        await cut;
        // The database has done it: the same again is refused, and a reader sees it.
        expect(await adapter.update('key', 'new', 60, version)).toBe(false);
        expect(await adapter.read('key')).toMatchObject({ data: 'new' });
      },
    );
  });
});

async function heals(adapter: DatabaseAdapter): Promise<void> {
  await pollUntil(async () => (await adapter.ping(), true), {
    within: 5000,
    what: 'the adapter reaches its database again',
  });
  expect(await adapter.create('healed', 'data', 60)).toBe(true);
  expect(await adapter.read('healed', 600)).toMatchObject({ data: 'data' });
}

function mixedCalls(adapter: DatabaseAdapter, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, (_, i) => {
    const key = `key-${i}`;
    if (i % 4 === 0) return adapter.create(key, 'data', 60);
    if (i % 4 === 1) return adapter.read(key, 60);
    if (i % 4 === 2) return adapter.update(key, 'data', 60, 1);
    return adapter.destroy(key);
  });
}

/** The call rejects because the store is unavailable, before its time is over. */
async function expectInTime(call: Promise<unknown>): Promise<Error> {
  const time = startStopwatch();
  const error = await failureOf(call);
  expect(time()).toBeLessThan(TIMEOUT + SLACK);
  expect(error).toBeInstanceOf(SessionStoreUnavailableException);
  return error;
}
