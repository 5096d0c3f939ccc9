import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { createClient } from 'redis';
import { RedisAdapter, type RedisAdapterOptions } from '../../lib/adapters/redis.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { startRedis } from '../support/redis-server.js';
import { failureOf } from '../support/failure-of.js';
import { startStopwatch } from '../support/stopwatch.js';
import { freePort } from '../support/free-port.js';
import { pollUntil } from '../support/poll.js';
import type { ServerProcess } from '../support/server-process.js';

const adapters: RedisAdapter[] = [];

function adapterFor(options: RedisAdapterOptions): RedisAdapter {
  const adapter = new RedisAdapter({ storeTimeout: 1000, ...options });
  adapters.push(adapter);
  return adapter;
}

afterEach(async () => {
  await Promise.all(adapters.splice(0).map((adapter) => adapter.close()));
});

describe('Opening the Redis adapter on a server with users', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    const full = '--user default on >top-secret ~* +@all';
    const narrow =
      '--user narrow on >narrow-secret ~sess:* +@connection ' +
      '+getex +set +unlink +evalsha +eval +getrange';
    server = await startRedis(...full.split(' '), ...narrow.split(' '));
  });
  afterAll(() => server.stop());

  it('works with the right password, also within a url', async () => {
    const { port } = server;
    await adapterFor({ port, password: 'top-secret' }).open();
    await adapterFor({ url: `redis://:top-secret@127.0.0.1:${port}/1` }).open();
    const user = adapterFor({ port, username: 'default', password: 'top-secret', db: 2 });
    await user.open();
    expect(await user.create('sess:db', 'data', 60)).toBe(true);
    const other = adapterFor({ port, password: 'top-secret' });
    await other.open();
    expect(await other.read('sess:db')).toBeUndefined();
  });

  it.each([
    ['a wrong password', { password: 'wr0ng-secret' }],
    ['an unknown user', { username: 'nobody', password: 'wr0ng-secret' }],
    ['no password', {}],
    ['a wrong password and a database', { password: 'wr0ng-secret', db: 1 }],
    ['no password and a database', { db: 1 }],
  ])('names the options when it is given %s, and shows no secret', async (_, login) => {
    const adapter = adapterFor({ port: server.port, ...login });
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/refused the login.*username and password/);
    expect(everythingIn(error)).not.toMatch(/wr0ng-secret|nobody/);
    const later = await failureOf(adapter.read('sess:a'));
    expect(later).toBeInstanceOf(SessionStoreUnavailableException);
    expect(later.message).not.toContain('the option db');
  });

  it('needs neither INFO nor keys of its own: a user for sessions only is enough', async () => {
    const adapter = adapterFor({
      port: server.port,
      username: 'narrow',
      password: 'narrow-secret',
    });
    await adapter.open();
    await adapter.ping();
    expect(await adapter.create('sess:acl', 'one', 60)).toBe(true);
    const record = await adapter.read('sess:acl', 60);
    expect(await adapter.update('sess:acl', 'two', 60, record?.version ?? '')).toBe(true);
    await adapter.destroy('sess:acl');

    const error = await failureOf(adapter.read('other:acl'));
    expect(error.message).toMatch(/refused the command with NOPERM.*allow GETEX/);
  });
});

describe('Opening the Redis adapter over TLS', () => {
  let folder: string;
  let certificate: string;
  let port: number;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
    certificate = join(folder, 'certificate.pem');
    const key = join(folder, 'key.pem');
    await promisify(execFile)('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
      ...'-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost'.split(' '),
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key];
    server = await startRedis('--tls-port', String(port), '--tls-auth-clients', 'no', ...files);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it.each(['rediss://localhost', undefined])('trusts what tls says (url %j)', async (url) => {
    const tls = { ca: await readFile(certificate) };
    const address = url ? { url: `${url}:${port}` } : { host: '127.0.0.1', port };
    const adapter = adapterFor({ ...address, tls });
    await adapter.open();
    expect(await adapter.create('sess:tls', 'data', 60)).toBe(true);
    await adapter.destroy('sess:tls');
  });

  it('trusts nobody else', async () => {
    const error = await failureOf(adapterFor({ port, tls: true }).open());
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    expect(error.cause).toMatchObject({ message: expect.stringMatching(/self-signed/) });
  });
});

describe('Opening the Redis adapter on an old server', () => {
  it.each([
    [
      '6.0.16',
      'redis_version:6.0.16',
      /has version 6\.0\.16\. Sessions need GETEX: use Redis 6\.2/,
    ],
    ['that does not say its version', undefined, /is too old\. Sessions need GETEX/],
  ])('refuses one %s', async (_, version, sentence) => {
    const server = await startOldServer(version);
    try {
      const { port } = server.address() as AddressInfo;
      const adapter = adapterFor({ port });
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toMatch(sentence);

      const late = await failureOf(adapter.read('sess:secret-key', 60));
      expect(late).toBeInstanceOf(SessionStoreUnavailableException);
      expect(everythingIn(late)).not.toMatch(/secret-key/);
    } finally {
      server.close();
    }
  });
});

describe('Opening the Redis adapter without a server', () => {
  it('R23 rejects in time, with the host in the cause only, and works once the server is there', async () => {
    const server = await startRedis();
    await server.stop({ keep: true });
    try {
      const adapter = adapterFor({ port: server.port, storeTimeout: 500 });
      const time = startStopwatch();
      const error = await failureOf(adapter.open());
      expect(time()).toBeLessThan(550);
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.message).toMatch(/no connection to Redis/);
      expect(error.message).not.toMatch(/127\.0\.0\.1/);
      expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });

      await server.start();
      await pollUntil(() => adapter.ping().then(() => true), { within: 5000, what: 'it heals' });
      expect(await adapter.create('sess:healed', 'data', 60)).toBe(true);
      await adapter.open();
    } finally {
      await server.stop();
    }
  });

  it('rejects in time when nobody answers at the address', async () => {
    const silent = createServer((socket) => socket.resume());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const adapter = adapterFor({ port, storeTimeout: 200 });
    const error = await failureOf(adapter.open());
    expect(error.message).toMatch(/did not answer within 200 ms/);
    await adapter.close();
    silent.close();
  });

  it('does not connect before it is opened, nor again after it was closed', async () => {
    const adapter = adapterFor({});
    expect((await failureOf(adapter.ping())).message).toMatch(/Await open\(\) first/);
    await adapter.close();
    expect((await failureOf(adapter.ping())).message).toMatch(/Await open\(\) first/);
  });

  it('refuses a client that hands on no answers, as one of node-redis 4 in legacyMode', async () => {
    const client = { isOpen: true, sendCommand: async () => undefined };
    const adapter = new RedisAdapter({ client });
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/no answers.*legacyMode/);
    // Nothing counts as stored that nobody has confirmed.
    for (const call of [adapter.create('k', 'data', 60), adapter.read('k')]) {
      expect((await failureOf(call)).message).toMatch(/an answer that is none/);
    }
    await adapter.close();
  });

  it('tells to connect a node-redis client first, and uses it when that has been done', async () => {
    const server = await startRedis();
    const client = createClient({ socket: { host: '127.0.0.1', port: server.port } });
    try {
      const adapter = adapterFor({ client });
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toMatch(/Await client\.connect\(\)/);
      await client.connect();
      await adapter.open();
      expect(await adapter.read('sess:none')).toBeUndefined();
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});

/** What a logger could show of an error. */
function everythingIn(error: Error): string {
  return inspect(error, { depth: Infinity, showHidden: true });
}

/** Knows INFO at most, like a server from before GETEX; without a version not even that. */
async function startOldServer(version: string | undefined): Promise<Server> {
  const info = version ? `$${version.length}\r\n${version}\r\n` : '-NOPERM no INFO for you\r\n';
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const command of text.split(/(?=\*\d+\r\n\$)/)) {
        const [, , name = '', , firstArgument = ''] = command.split('\r\n');
        const unknown = `-ERR unknown command \`${name}\`, with args beginning with: \`${firstArgument}\`, \r\n`;
        socket.write(name.toUpperCase() === 'INFO' ? info : unknown);
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
