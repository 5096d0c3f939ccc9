import { describe, expect, it, jest } from '@jest/globals';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';

const STORE_TIMEOUT = 100;

describe('The packages of the database adapter', () => {
  it.each([
    ['knex', 'pg'],
    ['mysql2', 'mysql2'],
  ] as const)('are asked for with the npm command where %s is missing', async (missing, client) => {
    jest.unstable_mockModule(missing, () => {
      throw new Error(`Cannot find package '${missing}'`);
    });
    const adapter = new DatabaseAdapter({ client, connection: { host: '127.0.0.1', port: 1 } });
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toContain(`Run: npm install knex ${client}`);
    jest.unstable_unmockModule(missing);
    await adapter.close();
  });

  it('may take longer to load than a call of the store may take', async () => {
    jest.unstable_mockModule('better-sqlite3', async () => {
      await setTimeout(3 * STORE_TIMEOUT);
      return { default: createRequire(import.meta.url)('better-sqlite3') as unknown };
    });
    const adapter = new DatabaseAdapter({
      client: 'better-sqlite3',
      connection: ':memory:',
      storeTimeout: STORE_TIMEOUT,
    });
    await adapter.open();
    expect(await adapter.create('sess:key', 'data', 60)).toBe(true);
    jest.unstable_unmockModule('better-sqlite3');
    await adapter.close();
  });
});
