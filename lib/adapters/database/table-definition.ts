import type { Knex } from 'knex';
import { dialectOf } from './dialect.js';
import type { KnexInstance } from './knex-instance.js';

const DEFAULT_TABLE = 'sessions';

/**
 * Makes the table of the sessions and its index where they are missing; for a migration of knex.
 *
 * @param table its name, with one dot for a schema
 * @publicApi
 */
export async function createSessionTable(knex: KnexInstance, table = DEFAULT_TABLE): Promise<void> {
  for (const statement of definition(knex, table)) await statement;
}

/**
 * Removes the table of the sessions with all of them; for the way back of a migration.
 *
 * @publicApi
 */
export async function dropSessionTable(knex: KnexInstance, table = DEFAULT_TABLE): Promise<void> {
  await knex.raw('drop table if exists ??', [table]);
}

/**
 * The SQL that `createSessionTable` sends, for migrations that are written by hand. It needs no
 * connection: `sessionTableSql(knex({ client: 'pg' }))`.
 *
 * @publicApi
 */
export function sessionTableSql(knex: KnexInstance, table = DEFAULT_TABLE): string {
  return definition(knex, table)
    .map((statement) => `${statement.toQuery()};`)
    .join('\n');
}

function definition(knex: KnexInstance, table: string): Knex.Raw[] {
  return dialectOf(knex).definition(knex as Knex, table);
}
