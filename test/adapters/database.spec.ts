import { afterAll, beforeAll, describe } from '@jest/globals';
import createKnex, { type Knex } from 'knex';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { itTogether } from '../support/it-together.js';
import { type RunningDatabase, STARTING, databaseKinds } from '../support/session-databases.js';

/** Milliseconds: what the contract asks is no matter of time, even on a busy machine. */
const storeTimeout = 10_000;

describe.each(databaseKinds)('$name', ({ start }) => {
  let database: RunningDatabase;
  let knex: Knex;

  beforeAll(async () => {
    database = await start();
    knex = createKnex({ ...database.login, useNullAsDefault: true });
  }, STARTING);

  afterAll(async () => {
    await knex.destroy();
    await database.stop();
  });

  const it = itTogether();
  describeSessionAdapter(
    'DatabaseAdapter',
    () => new DatabaseAdapter({ ...database.login, storeTimeout }),
    { describe, it },
  );
  describeSessionAdapter(
    "DatabaseAdapter on the application's own knex",
    () => new DatabaseAdapter({ knex, storeTimeout }),
    { describe, it },
  );
});
