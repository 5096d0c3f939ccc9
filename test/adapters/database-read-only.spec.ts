import { describe, expect, it } from '@jest/globals';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { databaseKinds, TestDatabase } from '../support/session-databases.js';

/** What makes connections read-only, or able to write, that are made from now on. */
const statements: Readonly<Record<string, (isReadOnly: boolean) => string>> = {
  PostgreSQL: (isReadOnly) =>
    `alter role postgres set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
  MariaDB: (isReadOnly) => `set global tx_read_only = ${isReadOnly ? 1 : 0}`,
};

const kinds = databaseKinds.filter(({ name }) => name in statements);

describe.each(kinds)('R23 The database adapter on $name after a failover', (kind) => {
  const database = TestDatabase.use(kind);

  it('leaves a connection that takes no writes any more, and goes on with another one', async () => {
    const setReadOnly = (isReadOnly: boolean) =>
      database.knex.raw(statements[kind.name]?.(isReadOnly) ?? '');
    await database.openAdapter();
    await setReadOnly(true);
    const adapter = await database.openAdapter();
    await setReadOnly(false);
    const error = await failureOf(adapter.create('key', 'data', 60));
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    expect(await adapter.create('key', 'data', 60)).toBe(true);
  });

  it('says that the table is missing where it may not be made', async () => {
    await database.knex.raw(statements[kind.name]?.(true) ?? '');
    const adapter = database.adapter();
    expect((await failureOf(adapter.open())).message).toMatch(/is missing.*could not be made/);
    await database.knex.raw(statements[kind.name]?.(false) ?? '');
    await adapter.open();
    expect(await adapter.create('key', 'data', 60)).toBe(true);
  });
});
