import { describe, expect, it, jest } from '@jest/globals';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';

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
});
