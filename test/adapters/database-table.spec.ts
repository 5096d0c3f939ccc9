import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import {
  createSessionTable,
  dropSessionTable,
  sessionTableSql,
} from '../../lib/adapters/database.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { TestDatabase, databaseKinds } from '../support/session-databases.js';

describe.each(databaseKinds)('The table of the database adapter on $name', (kind) => {
  const database = TestDatabase.use(kind);

  describe('making the table', () => {
    it('is safe when several processes boot at once', async () => {
      const booting = Array.from({ length: 5 }, () => database.adapter());
      await Promise.all(booting.map((adapter) => adapter.open()));
      const created = await Promise.all(
        booting.map((adapter) => adapter.create('key', 'data', 60)),
      );
      expect(created.filter(Boolean)).toHaveLength(1);
    });

    it('happens once; opening again changes nothing', async () => {
      const adapter = await database.openAdapter();
      await adapter.create('key', 'data', 60);
      await adapter.open();
      expect(await adapter.read('key')).toMatchObject({ data: 'data' });
    });

    it('is left to what is there when a closed adapter is opened again, twice at once', async () => {
      const adapter = await database.openAdapter();
      await adapter.create('key', 'data', 60);
      await adapter.close();
      await expect(adapter.read('key')).rejects.toThrow(/adapter is closed/);
      await Promise.all([adapter.open(), adapter.open()]);
      expect(await adapter.read('key')).toMatchObject({ data: 'data' });
      await adapter.close();
      await expect(adapter.read('key')).rejects.toThrow(/adapter is closed/);
    });

    it('happens again when the table has gone meanwhile', async () => {
      const adapter = await database.openAdapter();
      await dropSessionTable(database.knex);
      await expect(adapter.read('key')).rejects.toThrow(SessionStoreUnavailableException);
      expect(await adapter.create('key', 'data', 60)).toBe(true);
    });

    it('is left to a migration with createTable: false, whose SQL the error tells', async () => {
      const adapter = database.adapter({ createTable: false });
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.message).toContain(sessionTableSql(database.knex));
      expect(await database.knex.schema.hasTable('sessions')).toBe(false);

      await createSessionTable(database.knex);
      await adapter.open();
      expect(await adapter.create('key', 'data', 60)).toBe(true);
    });

    it('tells of a table that lacks a column', async () => {
      await database.knex.schema.createTable('sessions', (table) => table.string('key').primary());
      const error = await failureOf(database.adapter().open());
      expect(error.message).toMatch(/missing or lacks a column.*could not be made/);
    });

    it('tells of a column that keeps no text as it is', async () => {
      await database.knex.schema.createTable('sessions', (table) => {
        table.string('key').primary();
        table.binary('data');
        table.bigInteger('version');
        table.bigInteger('expires_at');
      });
      const row = {
        key: 'key',
        data: Buffer.from('{}'),
        version: 1,
        expires_at: 9_999_999_999_999,
      };
      await database.knex('sessions').insert(row);
      const error = await failureOf(database.adapter().read('key'));
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toMatch(/`data` of the sessions is not of a text type/);
    });

    it('takes another name', async () => {
      const adapter = await database.openAdapter({ table: 'Shop_Sessions2' });
      expect(await adapter.create('key', 'data', 60)).toBe(true);
      expect(await database.knex('Shop_Sessions2').pluck('data')).toEqual(['data']);
      await dropSessionTable(database.knex, 'Shop_Sessions2');
      expect(await database.knex.schema.hasTable('sessions')).toBe(false);
    });

    it('takes a schema', async () => {
      const schema = { pg: 'public', mysql2: 'bag', 'better-sqlite3': 'main' }[
        database.login.client
      ];
      const adapter = await database.openAdapter({ table: `${schema}.in_schema` });
      expect(await adapter.create('key', 'data', 60)).toBe(true);
      expect(await adapter.create('key', 'data', 60)).toBe(false);
      expect(await adapter.sweep()).toBe(0);
      expect(await database.knex('in_schema').pluck('data')).toEqual(['data']);
      await dropSessionTable(database.knex, `${schema}.in_schema`);
    });
  });

  describe('keys and data', () => {
    it('compares keys byte by byte: case, accents and trailing spaces matter', async () => {
      const adapter = await database.openAdapter();
      const keys = ['sess:abc', 'sess:ABC', 'sess:abc ', 'sess:äbc', 'sess:a%c'];
      for (const key of keys) expect(await adapter.create(key, `of ${key}`, 60)).toBe(true);
      for (const key of keys) expect(await adapter.read(key)).toMatchObject({ data: `of ${key}` });
    });

    it.each([
      ['nothing', ''],
      ['quotes, backslashes and placeholders', `'; drop table sessions; -- \\' ? ?? :key $1 "`],
      ['characters beyond the basic plane', '🥝 漢字'],
      ['NUL and half of a surrogate pair', 'a\0b\ud83e'],
      ['a JSON string', '"\\u0000"'],
      ['what only begins like a JSON string', '"half'],
      ['a megabyte', 'x'.repeat(2 ** 20)],
    ])('gives back %s as it was', async (_, data) => {
      const adapter = await database.openAdapter();
      await adapter.create('key', data, 60);
      expect((await adapter.read('key'))?.data === data).toBe(true);
    });

    it('keeps JSON readable for others, and takes what others have written', async () => {
      const adapter = await database.openAdapter();
      await adapter.create('key', '{"name":"Kimbra"}', 60);
      expect(await database.knex('sessions').pluck('data')).toEqual(['{"name":"Kimbra"}']);
      await database.knex('sessions').update({ data: '"not JSON' });
      expect(await adapter.read('key')).toMatchObject({ data: '"not JSON' });
    });

    it('refuses a key that is too long, without showing it', async () => {
      const adapter = await database.openAdapter();
      const key = `secret-${'k'.repeat(300)}`;
      const error = await failureOf(adapter.create(key, 'data', 60));
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(inspect(error)).not.toContain('secret');
    });
  });
});
