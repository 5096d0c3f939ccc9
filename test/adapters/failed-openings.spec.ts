import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessionAdapter, type SessionModuleOptions } from 'nestjs-session-bag';
import { refused, timedOut, unusableFolder } from '../../lib/adapters/file/file-errors.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { mariadbConnection, startMariadb } from '../support/mariadb-server.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';
import { startSaslMemcached } from '../support/sasl-memcached.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';

const LOGIN = { username: 'app', password: 'right' };
const WRONG = { username: 'app', password: 'wr0ng' };

describe('An adapter that cannot be opened', () => {
  let memcached: ServerProcess;
  let redis: ServerProcess;
  let postgres: ServerProcess;
  let mariadb: ServerProcess;
  let folder: string;
  let nobody: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openings-'));
    await writeFile(join(folder, 'file'), 'This is no database. '.repeat(100));
    nobody = await freePort();
    [memcached, redis, postgres, mariadb] = await Promise.all([
      startSaslMemcached(LOGIN),
      startRedis('--databases', '2', ...'--user app on >right ~* +@all'.split(' ')),
      startPostgres(),
      startMariadb(),
    ]);
  }, STARTING);
  afterAll(async () => {
    await Promise.all([memcached, redis, postgres, mariadb].map((server) => server.stop()));
    await rm(folder, { recursive: true });
  });

  const onPostgres = (changes: object): SessionModuleOptions => {
    const connection = { ...postgresConnection(postgres.port), ...changes };
    return { adapter: 'database', client: 'pg', connection };
  };
  const onMariadb = (changes: object): SessionModuleOptions => {
    const connection = { ...mariadbConnection(mariadb.port), ...changes };
    return { adapter: 'database', client: 'mysql2', connection };
  };
  const byUrl = (client: 'pg' | 'mysql2', connection: string): SessionModuleOptions => ({
    adapter: 'database',
    client,
    connection,
  });
  const onSqlite = (file: string): SessionModuleOptions => ({
    adapter: 'database',
    client: 'sqlite',
    connection: join(folder, file),
  });

  it.each<[string, () => SessionModuleOptions]>([
    ['memcached, wrong password', () => ({ adapter: 'memcached', port: memcached.port, ...WRONG })],
    ['memcached, no login', () => ({ adapter: 'memcached', port: memcached.port })],
    ['Redis, wrong password', () => ({ adapter: 'redis', port: redis.port, ...WRONG })],
    ['Redis, no such database', () => ({ adapter: 'redis', port: redis.port, db: 7 })],
    ['PostgreSQL, wrong password', () => onPostgres({ password: 'wr0ng' })],
    ['PostgreSQL, no password', () => onPostgres({ password: undefined })],
    ['PostgreSQL, no such user', () => onPostgres({ user: 'nobody' })],
    ['PostgreSQL, no such database', () => onPostgres({ database: 'nowhere' })],
    ['MariaDB, wrong password', () => onMariadb({ password: 'wr0ng' })],
    ['MariaDB, no such user', () => onMariadb({ user: 'nobody' })],
    ['MariaDB, no such database', () => onMariadb({ database: 'nowhere' })],
    ['PostgreSQL, no URL', () => byUrl('pg', 'postgres://app:wr0ng@db:543210/app')],
    ['MariaDB, no URL', () => byUrl('mysql2', '//app:wr0ng@db/app')],
    ['MariaDB, a URL with a bare %', () => byUrl('mysql2', 'mysql://app:wr0ng%@db/app')],
    ['MariaDB, no such charset', () => onMariadb({ charset: 'utf8mb3' })],
    ['SQLite, no such folder', () => onSqlite('nowhere/sessions.sqlite')],
    ['SQLite, a folder', () => onSqlite('')],
    ['SQLite, another file', () => onSqlite('file')],
    ['files, a path below a file', () => ({ adapter: 'file', path: join(folder, 'file/below') })],
    ['files, a path that is a file', () => ({ adapter: 'file', path: join(folder, 'file') })],
  ])('has wrong options, whatever failFast says: %s', async (_, options) => {
    const error = await failureOf(createSessionAdapter(options()));
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/option|connection/);
    expect(`${error.message}${String(error.cause)}`).not.toContain('wr0ng');
  });

  it.each<[string, () => SessionModuleOptions]>([
    ['memcached', () => ({ adapter: 'memcached', port: nobody })],
    ['Redis', () => ({ adapter: 'redis', port: nobody })],
    ['PostgreSQL', () => onPostgres({ port: nobody })],
    ['MariaDB', () => onMariadb({ port: nobody })],
  ])('has a store that is out of reach, which failFast is about: %s', async (_, options) => {
    const opening = createSessionAdapter({ ...options(), storeTimeout: 500 });
    expect(await failureOf(opening)).toBeInstanceOf(SessionStoreUnavailableException);
  });

  it.each([
    ['ENOSPC', SessionStoreUnavailableException],
    ['EDQUOT', SessionStoreUnavailableException],
    ['EIO', SessionStoreUnavailableException],
    ['EMFILE', SessionStoreUnavailableException],
    ['EACCES', InvalidSessionOptionsException],
    ['EPERM', InvalidSessionOptionsException],
    ['EROFS', InvalidSessionOptionsException],
    ['ENOTSUP', InvalidSessionOptionsException],
  ])('takes %s of a folder for that, too', (code, exception) => {
    const error = Object.assign(new Error(code), { code, syscall: 'open' });
    expect(unusableFolder('/sessions', error)).toBeInstanceOf(exception);
    expect(unusableFolder('/sessions', refused(error))).toBeInstanceOf(exception);
  });

  it('takes a folder that does not answer for a store that is out of reach', () => {
    expect(unusableFolder('/sessions', timedOut(10))).toBeInstanceOf(
      SessionStoreUnavailableException,
    );
  });
});
