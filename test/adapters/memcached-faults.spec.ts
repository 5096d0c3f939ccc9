import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { memcachedStats, startMemcached } from '../support/memcached-server.js';
import { startStopwatch } from '../support/stopwatch.js';
import { pollUntil } from '../support/poll.js';
import type { ServerProcess } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const STORE_TIMEOUT = 600;
/** Sessions of different lengths, so that an answer out of step cannot look right. */
const SESSIONS = new Map(
  Array.from({ length: 8 }, (_, n) => [`sess:${n}`, `${n}`.repeat(40 + n * 150)]),
);

let server: ServerProcess;
let proxy: TcpProxy;
let adapter: MemcachedAdapter;

beforeAll(async () => {
  server = await startMemcached();
});
afterAll(() => server.stop());

beforeEach(async () => {
  await server.start();
  proxy = await TcpProxy.to(server.port);
  adapter = new MemcachedAdapter({ port: proxy.port, storeTimeout: STORE_TIMEOUT });
  await adapter.open();
  for (const [key, data] of SESSIONS) {
    await adapter.destroy(key);
    await adapter.create(key, data, 600);
  }
});
afterEach(async () => {
  await adapter.close();
  await proxy.close();
});

describe('MemcachedAdapter when connections break', () => {
  /** Within a header, between header and body, within key and value, and at their ends. */
  const offsets = [0, 1, 8, 20, 23, 24, 25, 28, 33, 34, 35, 60, 73, 74, 75, 98, 150, 300, 500, 900];

  it.each([...offsets, 1500, 2500, 4000])(
    'R23 R25 hands out nobody else’s bytes when answers end after %i of them, and heals',
    async (bytes) => {
      const cut = proxy.cut(bytes);
      const outcomes = await Promise.all(readAll(3));
      await cut;
      expect(outcomes.filter(({ kind }) => kind === 'wrong')).toEqual([]);
      expect(outcomes.some(({ kind }) => kind === 'unavailable')).toBe(true);
      // The end of the connection settles them, not the deadline.
      expect(slowest(outcomes)).toBeLessThan(STORE_TIMEOUT / 2);
      await expectAllRight();
    },
  );

  it('R23 R25 settles what is in flight when every connection is reset, and heals', async () => {
    proxy.stall();
    const pending = readAll(10);
    await proxy.drop();
    const outcomes = await Promise.all(pending);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    const refusal = await failureOf(adapter.read('sess:1'));
    expect(refusal).toBeInstanceOf(SessionStoreUnavailableException);
    expect(refusal.message).not.toContain('127.0.0.1');
    expect(String(refusal.cause)).toContain('127.0.0.1');
    await proxy.heal();
    await expectAllRight();
  });

  it('R23 R25 settles 200 calls when the server is killed, and heals when it is back', async () => {
    await server.pause();
    const pending = readAll(25);
    expect(pending).toHaveLength(200);
    await server.kill();
    const outcomes = await Promise.all(pending);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    expectInTime(outcomes);
    await failureOf(adapter.read('sess:0'));
    await server.start();
    expect(await adapter.create('sess:0', 'new', 60)).toBe(true);
    expect((await adapter.read('sess:0'))?.data).toBe('new');
  });

  it('R23 goes on after a restart that it did not notice', async () => {
    await server.restart();
    await pollUntil(() => proxy.connections === 0, { within: 2000, what: 'connections are gone' });
    expect(await adapter.read('sess:0')).toBeUndefined();
  });
});

describe('MemcachedAdapter when answers do not come', () => {
  it('R23 R25 ends every call in time while calls keep coming, and heals', async () => {
    await server.pause();
    const calls: Promise<Outcome>[] = [];
    for (let call = 0; call < 60; call++) {
      calls.push(readOne(`sess:${call % 8}`));
      await delay(20);
    }
    const outcomes = await Promise.all(calls);
    await server.resume();
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    expectInTime(outcomes);
    await expectAllRight();
  });

  it.each([0, 10, 60, 2000])(
    'R23 R25 hands out nobody else’s bytes when answers stall after %i of them, and heals',
    async (bytes) => {
      const stalled = proxy.stallAfter(bytes);
      const pending = readAll(3);
      await stalled;
      const outcomes = await Promise.all(pending);
      await proxy.heal();
      expect(outcomes.filter(({ kind }) => kind === 'wrong' || kind === 'absent')).toEqual([]);
      expect(outcomes.some(({ kind }) => kind === 'unavailable')).toBe(true);
      expectInTime(outcomes);
      await expectAllRight();
    },
  );

  it('R23 ends every kind of call in time', async () => {
    const { version = '' } = (await adapter.read('sess:0')) ?? {};
    proxy.stall('both');
    const time = startStopwatch();
    const failures = await Promise.all(
      [
        adapter.read('sess:0'),
        adapter.read('sess:0', 60),
        adapter.create('sess:new', 'data', 60),
        adapter.update('sess:0', 'data', 60, version),
        adapter.destroy('sess:1'),
        adapter.ping(),
        new MemcachedAdapter({ port: proxy.port, storeTimeout: STORE_TIMEOUT }).open(),
      ].map(failureOf),
    );
    expectInTime([{ took: time() }]);
    for (const failure of failures)
      expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
  });

  it('keeps what shares no connection with a slow answer', async () => {
    const stalled = proxy.stallAfter(10);
    const slow = readOne('sess:0');
    await stalled;
    for (const key of SESSIONS.keys()) expect((await readOne(key)).kind).toBe('right');
    expect((await slow).kind).toBe('unavailable');
  });

  it('R12 does not bring a destroyed record back by an update that arrives late', async () => {
    const { version = '' } = (await adapter.read('sess:0')) ?? {};
    const direct = new MemcachedAdapter({ port: server.port });
    proxy.stall('both');
    await failureOf(adapter.update('sess:0', 'late', 60, version));
    await direct.destroy('sess:0');
    const before = await missedSwaps();
    await proxy.heal();
    await pollUntil(async () => (await missedSwaps()) > before, {
      within: 2000,
      what: 'the late update has arrived',
    });
    expect(await direct.read('sess:0')).toBeUndefined();
    await direct.close();
  });

  it('rejects what is in flight when it is closed, and whatever comes later', async () => {
    proxy.stall();
    const pending = readAll(5);
    const time = startStopwatch();
    await adapter.close();
    const outcomes = await Promise.all(pending);
    expect(time()).toBeLessThan(STORE_TIMEOUT / 2);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    expect((await failureOf(adapter.read('sess:0'))).message).toContain('closed');
    await pollUntil(() => proxy.connections === 0, { within: 2000, what: 'sockets are gone' });
    await proxy.heal();
    await adapter.open();
    await expectAllRight();
  });
});

describe('MemcachedAdapter on a server at its connection limit', () => {
  it('R23 R25 is unavailable until a connection is free', async () => {
    const crowded = await startMemcached('-c', '40', '-t', '1');
    const guests = Array.from({ length: 60 }, () => connect(crowded.port, '127.0.0.1'));
    for (const guest of guests) guest.on('error', () => {}).resume();
    const late = new MemcachedAdapter({ port: crowded.port, storeTimeout: STORE_TIMEOUT });
    await pollUntil(() => guests.some(isEnded), {
      within: 2000,
      what: 'the server turns some away',
    });
    expect(await failureOf(late.open())).toBeInstanceOf(SessionStoreUnavailableException);
    expect(await failureOf(late.read('sess:0'))).toBeInstanceOf(SessionStoreUnavailableException);
    for (const guest of guests) guest.destroy();
    const created = () => late.create('sess:0', 'data', 60);
    expect(await pollUntil(created, { within: 5000, what: 'a connection is free' })).toBe(true);
    await late.close();
    await crowded.stop();
  });
});

interface Outcome {
  readonly kind: 'right' | 'wrong' | 'absent' | 'unavailable';
  /** Milliseconds by the stopwatch. */
  readonly took: number;
}

async function readOne(key: string): Promise<Outcome> {
  const time = startStopwatch();
  const kind = await adapter.read(key, 600).then(
    (record) => {
      if (!record) return 'absent';
      return record.data === SESSIONS.get(key) ? 'right' : 'wrong';
    },
    (error: unknown) =>
      error instanceof SessionStoreUnavailableException ? 'unavailable' : 'wrong',
  );
  return { kind, took: time() };
}

function readAll(times: number): Promise<Outcome>[] {
  const keys = Array.from({ length: times }, () => [...SESSIONS.keys()]).flat();
  return keys.map(readOne);
}

async function expectAllRight(): Promise<void> {
  const outcomes = await Promise.all(readAll(2));
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['right']));
}

function slowest(outcomes: readonly Pick<Outcome, 'took'>[]): number {
  return Math.max(...outcomes.map(({ took }) => took));
}

function expectInTime(outcomes: readonly Pick<Outcome, 'took'>[]): void {
  expect(slowest(outcomes)).toBeLessThan(1.1 * STORE_TIMEOUT);
}

async function missedSwaps(): Promise<number> {
  return (await memcachedStats(server.port)).get('cas_misses') ?? Number.NaN;
}

function isEnded(socket: Socket): boolean {
  return socket.readableEnded || socket.destroyed;
}
