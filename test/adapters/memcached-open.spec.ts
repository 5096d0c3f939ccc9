import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import type { MemcachedAdapterOptions } from '../../lib/adapters/memcached/memcached-options.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { fakeResponse, startFakeMemcached } from '../support/fake-memcached.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { memcachedStats, startMemcached } from '../support/memcached-server.js';
import { startSaslMemcached } from '../support/sasl-memcached.js';
import type { ServerProcess } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const ADD = 0x02;
const DELETE = 0x04;
const LOGIN = { username: 'kimbra', password: 'p@ss:wörd' };

let server: ServerProcess;
const adapters: MemcachedAdapter[] = [];

beforeAll(async () => {
  server = await startMemcached();
});
afterAll(() => server.stop());
afterEach(() => Promise.all(adapters.splice(0).map((adapter) => adapter.close())));

describe('MemcachedAdapter.open', () => {
  it('leaves nothing of its probe on the server, and asks once', async () => {
    const adapter = create({ port: server.port });
    const before = await memcachedStats(server.port);
    await Promise.all([adapter.open(), adapter.open(), adapter.read('sess:0')]);
    await adapter.open();
    const after = await memcachedStats(server.port);
    expect(after.get('curr_items')).toBe(0);
    expect(after.get('cmd_set')).toBe((before.get('cmd_set') ?? Number.NaN) + 1);
  });

  it('may be left out: the first call does the same', async () => {
    const adapter = create({ port: server.port });
    expect(await adapter.create('sess:lazy', 'data', 60)).toBe(true);
    await adapter.destroy('sess:lazy');
  });

  it('R11 refuses a server that runs without CAS, and so does every call', async () => {
    const blind = await startMemcached('-C');
    const adapter = create({ port: blind.port });
    for (const call of [adapter.open(), adapter.read('sess:0'), adapter.create('sess:0', '', 60)]) {
      const failure = await failureOf(call);
      expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
      expect(failure.message).toContain('-C');
    }
    expect((await memcachedStats(blind.port)).get('curr_items')).toBe(0);
    await blind.stop();
  });

  it('R11 writes nothing blindly when a server comes back without CAS', async () => {
    const counting = await startMemcached();
    const proxy = await TcpProxy.to(counting.port);
    const adapter = create({ port: proxy.port });
    await adapter.create('sess:0', 'data', 60);
    const { version = '' } = (await adapter.read('sess:0')) ?? {};
    await proxy.close();
    await counting.stop();
    const blind = await startMemcached('-C');
    const detour = await TcpProxy.to(blind.port, proxy.port);
    expect(await adapter.update('sess:0', 'blind', 60, version)).toBe(false);
    const failure = await failureOf(adapter.create('sess:0', 'blind', 60));
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(await failureOf(adapter.read('sess:0'))).toBeInstanceOf(InvalidSessionOptionsException);
    await detour.close();
    await blind.stop();
  });

  it('R23 rejects when the server is not there, and works as soon as it is', async () => {
    const proxy = await TcpProxy.to(server.port);
    await proxy.drop();
    const adapter = create({ port: proxy.port });
    const failure = await failureOf(adapter.open());
    expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
    expect(failure.message).not.toContain('127.0.0.1');
    expect(await failureOf(adapter.ping())).toBeInstanceOf(SessionStoreUnavailableException);
    await proxy.heal();
    await adapter.ping();
    expect(await adapter.read('sess:0')).toBeUndefined();
    await proxy.close();
  });

  it('R25 rejects when one of several servers is down, and never asks another for its records', async () => {
    const down = await freePort();
    const adapter = create({ servers: [`127.0.0.1:${server.port}`, `127.0.0.1:${down}`] });
    expect(await failureOf(adapter.open())).toBeInstanceOf(SessionStoreUnavailableException);
    const keys = Array.from({ length: 40 }, (_, index) => `sess:${index}`);
    const answers = await Promise.allSettled(keys.map((key) => adapter.read(key)));
    const unavailable = answers.filter(({ status }) => status === 'rejected');
    expect(unavailable.length).toBeGreaterThan(5);
    expect(unavailable.length).toBeLessThan(35);
    const again = await Promise.allSettled(keys.map((key) => adapter.create(key, 'data', 60)));
    expect(again.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
    await Promise.allSettled(keys.map((key) => adapter.destroy(key)));
  });

  it('reads no environment variable', async () => {
    const names = [
      'MEMCACHE_SERVERS',
      'MEMCACHIER_SERVERS',
      'MEMCACHE_USERNAME',
      'MEMCACHE_PASSWORD',
    ];
    for (const name of names) process.env[name] = 'other:1';
    const opcodes: number[] = [];
    const fake = await startFakeMemcached(({ opcode, opaque }) => {
      opcodes.push(opcode);
      return fakeResponse({ opcode, opaque });
    });
    try {
      await create({ port: fake.port }).open();
      expect(opcodes).toEqual([ADD, DELETE]);
    } finally {
      for (const name of names) delete process.env[name];
      await fake.stop();
    }
  });
});

describe('MemcachedAdapter on a server that asks for a login', () => {
  let guarded: ServerProcess;

  beforeAll(async () => {
    guarded = await startSaslMemcached(LOGIN);
  });
  afterAll(() => guarded.stop());

  it('logs in on every connection', async () => {
    const adapter = create({ port: guarded.port, ...LOGIN });
    await adapter.open();
    expect(await adapter.create('sess:0', 'data', 60)).toBe(true);
    const records = await Promise.all(Array.from({ length: 9 }, () => adapter.read('sess:0')));
    expect(new Set(records.map((record) => record?.data))).toEqual(new Set(['data']));
  });

  it.each([
    ['a wrong password', { ...LOGIN, password: 'guess' }],
    ['a wrong name', { ...LOGIN, username: 'nobody' }],
    ['no login', {}],
  ])('refuses %s, and tells which options to check', async (_, login) => {
    const adapter = create({ port: guarded.port, ...login });
    for (const call of [adapter.open(), adapter.read('sess:0')]) {
      const failure = await failureOf(call);
      expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
      expect(failure.message).toContain('`username` and `password`');
      expect(`${failure.message} ${String(failure.cause)}`).not.toMatch(/guess|nobody|kimbra/);
    }
  });
});

function create(options: MemcachedAdapterOptions): MemcachedAdapter {
  const adapter = new MemcachedAdapter(options);
  adapters.push(adapter);
  return adapter;
}
