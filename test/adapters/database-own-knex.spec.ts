import { afterEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import createKnex, { type Knex } from 'knex';
import type { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { pollUntil } from '../support/poll.js';
import { TestDatabase, databaseKinds } from '../support/session-databases.js';

/** Settings with which the drivers give big integers as text or as bigint. */
const bigIntegers: Record<string, object> = {
  pg: {},
  mysql2: { supportBigNumbers: true, bigNumberStrings: true },
  'better-sqlite3': { options: { safeIntegers: true } },
};

describe.each(databaseKinds)("The application's own knex on $name", (kind) => {
  const database = TestDatabase.use(kind);
  const instances: Knex[] = [];

  afterEach(async () => {
    await Promise.all(instances.splice(0).map((knex) => knex.destroy()));
  });

  function ownKnex(config: Knex.Config = {}, settings: object = {}): Knex {
    const { client, connection } = database.login;
    const login = { client, connection: { ...connection, ...settings }, useNullAsDefault: true };
    const knex = createKnex({ ...login, ...config });
    instances.push(knex);
    return knex;
  }

  it('is used and stays open when the adapter is closed', async () => {
    const knex = ownKnex();
    const adapter = await database.openAdapter({ knex });
    await adapter.create('key', 'data', 60);
    await adapter.close();
    expect(await knex('sessions').pluck('data')).toEqual(['data']);
  });

  it('may give big integers in its own way', async () => {
    const knex = ownKnex({}, bigIntegers[database.login.client]);
    await roundTrip(await database.openAdapter({ knex }));
  });

  it('may rename what it sends and what it gives', async () => {
    const knex = ownKnex({
      wrapIdentifier: (name, wrap) => wrap(name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
      postProcessResponse: (response: unknown) =>
        Array.isArray(response) ? response.map(camelCased) : response,
    });
    await roundTrip(await database.openAdapter({ knex, table: 'userSessions' }));
    expect(await database.knex('user_sessions').pluck('data')).toEqual(['new']);
    await database.knex.schema.dropTable('user_sessions');
  });

  it('R23 may have no free connection: the call ends in time, and sends nothing later', async () => {
    const knex = ownKnex({ pool: { min: 0, max: 1 } });
    const adapter = await database.openAdapter({ knex, storeTimeout: 1000 });
    const occupied = await knex.transaction();
    const error = await failureOf(adapter.create('key', 'data', 60));
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    expect(error.message).toMatch(/did not answer within 1000 ms/);
    await occupied.rollback();
    // Asked without a limit, over the connection that a late call would have been waiting for.
    expect(await knex('sessions').pluck('key')).toEqual([]);
  });

  it('shows no key and no data in the errors that leave the adapter', async () => {
    const calls: ((adapter: DatabaseAdapter) => Promise<unknown>)[] = [
      (adapter) => adapter.read('secret-key', 60),
      (adapter) => adapter.create('secret-key', 'secret-data', 60),
      (adapter) => adapter.update('secret-key', 'secret-data', 60, 1),
      (adapter) => adapter.destroy('secret-key'),
      (adapter) => adapter.sweep(),
    ];
    for (const call of calls) {
      // Each that finds no table has the next one make it again.
      const adapter = await database.openAdapter({ knex: ownKnex() });
      await database.knex.schema.dropTable('sessions');
      const error = await failureOf(call(adapter));
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.message).toMatch(
        /refused a statement.*\((42P01|ER_NO_SUCH_TABLE|SQLITE_ERROR)\)/,
      );
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('secret');
    }
  });
});

describe.each(databaseKinds.filter(({ name }) => name === 'PostgreSQL'))(
  "The application's own knex on $name with serializable transactions",
  (kind) => {
    const database = TestDatabase.use(kind);

    it('R11 tells a lost compare-and-swap from a database that fails', async () => {
      const options = '-c default_transaction_isolation=serializable';
      const connection = { ...database.login.connection, options };
      const knex = createKnex({ client: 'pg', connection });
      const adapter = await database.openAdapter({ knex });
      await adapter.create('key', 'data', 60);
      const version = (await adapter.read('key'))?.version ?? 'none';

      const other = await database.knex.transaction();
      await other('sessions').update({ data: 'newer', version: 1 });
      const update = adapter.update('key', 'lost', 60, version);
      await pollUntil(
        async () => (await database.knex('pg_locks').where({ granted: false })).length > 0,
        { within: 1500, what: 'the update waits for the other transaction' },
      );
      await other.commit();
      expect(await update).toBe(false);
      expect(await adapter.read('key')).toMatchObject({ data: 'newer' });
      await knex.destroy();
    });
  },
);

async function roundTrip(adapter: DatabaseAdapter): Promise<void> {
  expect(await adapter.create('key', 'data', 60)).toBe(true);
  expect(await adapter.create('key', 'data', 60)).toBe(false);
  const record = await adapter.read('key', 600);
  expect(record?.data).toBe('data');
  const version = record?.version ?? 'none';
  expect(['string', 'number']).toContain(typeof version);
  expect(await adapter.update('key', 'new', 60, version)).toBe(true);
  expect(await adapter.update('key', 'newer', 60, version)).toBe(false);
  expect(await adapter.read('key')).toMatchObject({ data: 'new' });
}

function camelCased(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Buffer.isBuffer(row)) return row;
  const entries = Object.entries(row).map(([name, value]: [string, unknown]) => {
    return [name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()), value];
  });
  return Object.fromEntries(entries);
}
