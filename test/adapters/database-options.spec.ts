import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import createKnex from 'knex';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';

const inMemory = { client: 'sqlite', connection: ':memory:' } as const;

describe('The options of the database adapter', () => {
  const postgres = createKnex({ client: 'pg' });
  const mssql = createKnex({ client: 'mssql' });

  it.each<[string, object, RegExp]>([
    ['nothing', {}, /`client` must be 'pg', 'mysql2' or 'better-sqlite3', unless `knex`/],
    ['an unknown client', { client: 'oracle', connection: {} }, /`client` must be/],
    ['no connection', { client: 'pg' }, /`connection` must be a URL/],
    ['an empty connection', { client: 'pg', connection: '' }, /`connection` must be/],
    ['a number', { client: 'pg', connection: 5432 }, /`connection` must be/],
    ['null', { client: 'pg', connection: null }, /`connection` must be/],
    ['knex beside a client', { knex: postgres, client: 'pg' }, /`knex` brings its own client/],
    ['something else as knex', { knex: {} }, /`knex` must be what knex\(/],
    ['another database', { knex: mssql }, /PostgreSQL, MySQL, MariaDB and SQLite, not on 'mssql'/],
    ['a table with a quote', { ...inMemory, table: 'a"b' }, /`table` must be letters/],
    ['a table with two dots', { ...inMemory, table: 'a.b.c' }, /`table` must be/],
    ['a table that is long', { ...inMemory, table: 't'.repeat(49) }, /`table` must be/],
    ['a table that is no text', { ...inMemory, table: 1 }, /`table` must be/],
    ['createTable as text', { ...inMemory, createTable: 'no' }, /`createTable` must be true or/],
    ['no time', { ...inMemory, storeTimeout: 0 }, /`storeTimeout` must be a whole number/],
    ['half a millisecond', { ...inMemory, storeTimeout: 1.5 }, /`storeTimeout` must be/],
  ])('refuse %s and name the cure', (_, options, message) => {
    const construct = () => new DatabaseAdapter(options);
    expect(construct).toThrow(InvalidSessionOptionsException);
    expect(construct).toThrow(message);
  });

  it('refuse a transaction, whose writes nobody sees before its end', async () => {
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    const transaction = await knex.transaction();
    const construct = () => new DatabaseAdapter({ knex: transaction });
    expect(construct).toThrow(InvalidSessionOptionsException);
    expect(construct).toThrow(/`knex` must not be a transaction/);
    await transaction.rollback();
    await knex.destroy();
  });

  it('take a URL for a server', async () => {
    const urls = [
      { client: 'postgres', connection: 'postgres://user:secret@127.0.0.1:1/db' },
      { client: 'mariadb', connection: 'mysql://user:secret@127.0.0.1:1/db' },
    ] as const;
    for (const options of urls) {
      const adapter = new DatabaseAdapter(options);
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
      await adapter.close();
    }
  });
});

describe('The database adapter on SQLite', () => {
  it('keeps a database in memory as long as it is open', async () => {
    const adapter = new DatabaseAdapter(inMemory);
    expect(await adapter.create('key', 'data', 60)).toBe(true);
    expect(await adapter.read('key')).toMatchObject({ data: 'data' });
    await adapter.close();
  });

  it('R23 waits for another process that is writing, without stopping its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
    const connection = join(folder, 'sessions.sqlite');
    const adapter = new DatabaseAdapter({ client: 'sqlite', connection, storeTimeout: 400 });
    await adapter.open();
    const other = new Sqlite(connection);
    try {
      other.exec('begin immediate');
      const refused = await failureOf(adapter.create('key', 'data', 60));
      expect(refused.message).toMatch(/did not answer within 400 ms/);

      const waiting = adapter.create('key', 'data', 60);
      await new Promise(setImmediate);
      other.exec('commit');
      expect(await waiting).toBe(true);
    } finally {
      other.close();
      await adapter.close();
      await rm(folder, { recursive: true });
    }
  });

  it('tells why a file cannot be opened', async () => {
    const adapter = new DatabaseAdapter({ client: 'sqlite', connection: '/nowhere/at/all.sqlite' });
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/`connection`.* the path/);
    expect(String(error.cause)).toMatch(/directory does not exist/);
    await adapter.close();
  });
});
