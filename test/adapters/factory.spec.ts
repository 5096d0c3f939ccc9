import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  createSessionAdapter,
  InvalidSessionOptionsException,
  type SessionAdapter,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { NoopAdapter } from '../../lib/adapters/noop.adapter.js';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { compiledLib } from '../support/compiled-lib.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { startMemcached } from '../support/memcached-server.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

const opened: SessionAdapter[] = [];

/** As an application that is not written in TypeScript gives them. */
async function create(options: object = {}): Promise<SessionAdapter> {
  const adapter = await createSessionAdapter(options);
  opened.push(adapter);
  return adapter;
}

afterEach(async () => {
  for (const adapter of opened.splice(0)) await adapter.close?.();
});

describe('createSessionAdapter', () => {
  let folder: string;
  let memcached: ServerProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'factory-'));
    memcached = await startMemcached();
  }, STARTING);
  afterAll(async () => {
    await memcached.stop();
    await rm(folder, { recursive: true });
  });

  it('keeps sessions in memory unless it is told otherwise', async () => {
    expect(await create()).toBeInstanceOf(MemoryAdapter);
    expect(await create({ adapter: 'memory' })).toBeInstanceOf(MemoryAdapter);
    expect(await create({ adapter: 'noop' })).toBeInstanceOf(NoopAdapter);
  });

  it.each(['file', 'files', 'stream'])("takes '%s' for the file adapter", async (adapter) => {
    expect(await create({ adapter, path: join(folder, adapter) })).toBeInstanceOf(FileAdapter);
  });

  it.each(['memcached', 'memcache', 'libmemcached'])(
    "takes '%s' for the memcached adapter",
    async (adapter) => {
      const created = await create({ adapter, port: memcached.port });
      expect(created).toBeInstanceOf(MemcachedAdapter);
      // It is open.
      expect(await created.create(`sess:${adapter}`, 'data', 60)).toBe(true);
    },
  );

  it("hands back an adapter of the application's own, opened", async () => {
    const own = new NoopAdapter();
    let isOpen = false;
    own.open = async () => void (isOpen = true);
    expect(await create({ adapter: own })).toBe(own);
    expect(isOpen).toBe(true);
  });

  it.each([
    [{ adapter: 'memcached', url: 'redis://localhost' }, /"url" belongs to the adapter "redis"/],
    [{ adapter: 'redis', servers: ['a:1'] }, /"servers" belongs to the adapter "memcached"/],
    [{ adapter: 'memory', path: '/tmp' }, /"path" belongs to the adapter "file"/],
    [{ adapter: 'file', path: '/tmp', table: 'x' }, /"table" belongs to the adapter "database"/],
    [{ path: '/tmp' }, /"path" belongs to the adapter "file"/],
    [{ adapter: new NoopAdapter(), host: 'a' }, /"host" belongs to the adapter "memcached"/],
  ])('refuses an option of another adapter by its name: %p', async (options, text) => {
    const error = await failureOf(create(options));
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(text);
  });

  it.each([
    [{ adapter: 'memory', maxSession: 5 }, /There is no session option "maxSession"/],
    [{ adapter: new NoopAdapter(), pooled: true }, /There is no session option "pooled"/],
    [{ adapter: 'noop', constructor: 1 }, /There is no session option "constructor"/],
    [null, /must be an object/],
    ['memory', /must be an object/],
    [[], /must be an object/],
    [{ adapter: 'memory', maxSessions: 1e12 }, /maxSessions .* from 1 to 10000000/],
    [{ adapter: 'memcached', servers: [{ host: 'a', prot: 1 }] }, /servers.*no "prot"/],
    [{ adapter: 'memcached', servers: [{ host: 'a', password: 'x' }] }, /servers.*no "password"/],
    [{ adapter: 'redis', password: 5 }, /password must be a string/],
    [{ adapter: 'redis', username: {} }, /username must be a string/],
    [{ adapter: 'redis', tls: 'yes' }, /tls must be true/],
  ])('refuses %p by a sentence', async (options, text) => {
    const error = await failureOf(create(options as object));
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(text);
  });

  it.each(['memory', 'file', 'memcached', 'redis', 'database', 'noop', new NoopAdapter()])(
    'refuses a senseless storeTimeout for %p',
    async (adapter) => {
      for (const storeTimeout of [
        0,
        -1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        1e12,
        '2000',
        null,
      ]) {
        const error = await failureOf(create({ adapter, storeTimeout }));
        expect(error).toBeInstanceOf(InvalidSessionOptionsException);
        expect(error.message).toContain('storeTimeout');
      }
    },
  );

  it.each<[string, (storeTimeout: number) => unknown]>([
    ['FileAdapter', (storeTimeout) => new FileAdapter({ path: '/sessions', storeTimeout })],
    ['MemcachedAdapter', (storeTimeout) => new MemcachedAdapter({ storeTimeout })],
    ['RedisAdapter', (storeTimeout) => new RedisAdapter({ storeTimeout })],
    [
      'DatabaseAdapter',
      (storeTimeout) =>
        new DatabaseAdapter({ client: 'sqlite', connection: ':memory:', storeTimeout }),
    ],
  ])('the class %s refuses one, too', (_, construct) => {
    for (const storeTimeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(() => construct(storeTimeout)).toThrow(InvalidSessionOptionsException);
    }
  });

  it.each(['mongo', '', 'constructor', 7, null])('refuses %p as an adapter', async (adapter) => {
    const error = await failureOf(create({ adapter }));
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/one of memory, file, memcached, redis, database, .*noop/);
  });

  it('names the method that an adapter lacks', async () => {
    const adapter = Object.assign(new NoopAdapter(), { destroy: undefined });
    const error = await failureOf(create({ adapter }));
    expect(error.message).toContain('without the method destroy');
  });

  it('rejects when the store is out of reach', async () => {
    const port = await freePort();
    await expect(create({ adapter: 'memcached', port })).rejects.toThrow(
      SessionStoreUnavailableException,
    );
  });
});

describe('createSessionAdapter without the client library', () => {
  let lib: string;

  beforeAll(async () => {
    // Here Node.js finds what the package depends on, and no client that is optional.
    lib = await mkdtemp(join(tmpdir(), 'without-clients-'));
    await cp(await compiledLib(), lib, { recursive: true });
    const nest = join(lib, 'node_modules/@nestjs/common');
    await mkdir(nest, { recursive: true });
    await writeFile(join(nest, 'package.json'), '{ "type": "module", "main": "index.js" }');
    await writeFile(join(nest, 'index.js'), 'export class Logger { warn() {} }');
    for (const name of ['memjs', 'lru-cache']) {
      await symlink(join(NODE_MODULES, name), join(lib, 'node_modules', name));
    }
  });
  afterAll(() => rm(lib, { recursive: true }));

  const outcomeOf = async (options: object): Promise<string> => {
    const factory = pathToFileURL(join(lib, 'adapters/create-session-adapter.js')).href;
    const script =
      `import { createSessionAdapter } from '${factory}';\n` +
      `await createSessionAdapter(${JSON.stringify(options)}).then(\n` +
      "  () => console.log('opened'),\n" +
      '  (error) => console.log(`${error.name}: ${error.message}`),\n' +
      ');';
    const args = ['--input-type=module', '--eval', script];
    return (await promisify(execFile)(process.execPath, args, { cwd: lib })).stdout.trim();
  };

  it.each([
    [{ adapter: 'redis' }, /^InvalidSessionOptionsException: .*npm install ioredis$/],
    [
      { adapter: 'database', client: 'pg', connection: 'postgres://localhost/x' },
      /^InvalidSessionOptionsException: .*npm install knex pg$/,
    ],
    [
      { adapter: 'database', client: 'mariadb', connection: 'mysql://localhost/x' },
      /^InvalidSessionOptionsException: .*npm install knex mysql2$/,
    ],
    [
      { adapter: 'database', client: 'sqlite', connection: ':memory:' },
      /^InvalidSessionOptionsException: .*npm install knex better-sqlite3$/,
    ],
  ])('gives the command that installs it: %p', async (options, text) => {
    expect(await outcomeOf(options)).toMatch(text);
  });

  it('lets go of what it has opened when it rejects', async () => {
    await symlink(join(NODE_MODULES, 'ioredis'), join(lib, 'node_modules/ioredis'));
    // The process ends, since nothing goes on trying to connect.
    const outcome = await outcomeOf({ adapter: 'redis', port: await freePort() });
    expect(outcome).toMatch(/^SessionStoreUnavailableException: /);
    await rm(join(lib, 'node_modules/ioredis'));
  });

  it.each([{}, { adapter: 'memory' }, { adapter: 'noop' }])(
    'needs none for %p',
    async (options) => {
      expect(await outcomeOf(options)).toBe('opened');
    },
  );
});

describe('the environment', () => {
  let memcached: ServerProcess;
  let postgres: ServerProcess;
  const before = { ...process.env };

  beforeAll(async () => {
    [memcached, postgres] = await Promise.all([startMemcached(), startPostgres()]);
  }, STARTING);
  afterEach(() => {
    for (const name of Object.keys(misleading)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  afterAll(() => Promise.all([memcached.stop(), postgres.stop()]));

  /** What clients of these stores read of themselves; nothing there answers. */
  const misleading = {
    MEMCACHE_SERVERS: '127.0.0.1:9',
    MEMCACHE_USERNAME: 'nobody',
    MEMCACHE_PASSWORD: 'wrong',
    MEMCACHIER_SERVERS: '127.0.0.1:9',
    MEMCACHIER_USERNAME: 'nobody',
    MEMCACHIER_PASSWORD: 'wrong',
    REDIS_URL: 'redis://127.0.0.1:9',
    DATABASE_URL: 'postgres://127.0.0.1:9/nowhere',
    PGHOST: '127.0.0.2',
    PGPORT: '9',
    PGUSER: 'nobody',
    PGPASSWORD: 'wrong',
    PGDATABASE: 'nowhere',
    PGSSLMODE: 'require',
  };

  it('is not read by the memcached adapter', async () => {
    Object.assign(process.env, misleading);
    const adapter = await create({ adapter: 'memcached', port: memcached.port });
    expect(await adapter.create('sess:environment', 'data', 60)).toBe(true);
  });

  it('is not read by the redis adapter', async () => {
    const port = await freePort();
    Object.assign(process.env, misleading, { REDIS_URL: `redis://127.0.0.1:${memcached.port}` });
    const error = await failureOf(create({ adapter: 'redis', port, storeTimeout: 500 }));
    expect(String(error.cause)).toContain(`:${port}`);
  });

  it('does not override what `connection` says to PostgreSQL', async () => {
    Object.assign(process.env, misleading);
    const connection = { ...postgresConnection(postgres.port), ssl: false };
    const adapter = await create({ adapter: 'database', client: 'pg', connection });
    expect(await adapter.create('sess:environment', 'data', 60)).toBe(true);
  });

  it('fills in, by pg itself, what `connection` leaves out, as documented', async () => {
    const { password, ...connection } = postgresConnection(postgres.port);
    process.env['PGPASSWORD'] = password;
    const adapter = await create({ adapter: 'database', client: 'pg', connection });
    expect(await adapter.create('sess:password', 'data', 60)).toBe(true);
  });
});
