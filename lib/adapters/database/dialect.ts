import type { Knex } from 'knex';
import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { Execute } from './call.js';
import { isDuplicateKey } from './errors.js';
import type { KnexInstance } from './knex-instance.js';
import { examineConnection } from './mysql-connection.js';

/** The columns of the table. */
export interface SessionRow {
  readonly key: string;
  readonly data: string;
  /** Random, new with every write: it only tells whether the row is still the one that was read. */
  readonly version: number;
  /** Milliseconds since the epoch, by the clock of the application. */
  readonly expires_at: number;
}

/** The table within one call. */
export interface TableAccess {
  readonly knex: Knex;
  readonly table: string;
  readonly execute: Execute;
}

/** What the databases do differently. Each method stays right while other processes do the same. */
export interface Dialect {
  /** Stores the row where none lives at `now`; false: the key is taken. */
  create(access: TableAccess, row: SessionRow, now: number): Promise<boolean>;

  /** Removes at most `limit` rows that have expired by `now`, and counts them. */
  removeExpired(access: TableAccess, now: number, limit: number): Promise<number>;

  /**
   * Looks at the connection, and gives the bytes that a statement may have on it.
   *
   * @throws InvalidSessionOptionsException when the server keeps values otherwise than they are sent
   */
  examine(access: TableAccess): Promise<number>;

  /** The statements that make the table and its index where they are missing. */
  definition(knex: Knex, table: string): Knex.Raw[];
}

/** @throws InvalidSessionOptionsException when knex speaks to another kind of database */
export function dialectOf(knex: KnexInstance): Dialect {
  const { dialect } = knex.client as Knex.Client;
  const known = dialects.get(dialect);
  if (known) return known;
  throw new InvalidSessionOptionsException(
    `knex: the database adapter works on PostgreSQL, MySQL, MariaDB and SQLite, not on '${dialect}'. ` +
      'Give a knex of one of these.',
  );
}

const postgresql: Dialect = {
  create: createOrTakeOver,
  examine: unlimited,

  removeExpired({ knex, table, execute }, now, limit) {
    // What another process is removing is skipped, or the two could wait for each other in a circle.
    const keys = expiredKeys(knex, table, now, limit).forUpdate().skipLocked();
    return execute(knex(table).whereIn('key', keys).delete());
  },

  definition: (knex, table) => [
    knex.raw(
      'create table if not exists ?? (?? varchar(255) primary key, ?? text not null, ' +
        '?? bigint not null, ?? bigint not null)',
      [table, 'key', 'data', 'version', 'expires_at'],
    ),
    knex.raw('create index if not exists ?? on ?? (??)', [indexName(table), table, 'expires_at']),
  ],
};

const sqlite: Dialect = {
  create: createOrTakeOver,
  examine: unlimited,

  removeExpired({ knex, table, execute }, now, limit) {
    return execute(
      knex(table)
        .whereIn('key', expiredKeys(knex, table, now, limit))
        .delete(),
    );
  },

  definition: (knex, table) => {
    // Here the index bears the name of the schema, and the table that it is on must not.
    const [name = table, schema] = table.split('.').toReversed();
    const index = schema === undefined ? indexName(name) : `${schema}.${indexName(name)}`;
    return [
      knex.raw(
        'create table if not exists ?? (?? text not null primary key, ?? text not null, ' +
          '?? integer not null, ?? integer not null)',
        [table, 'key', 'data', 'version', 'expires_at'],
      ),
      knex.raw('create index if not exists ?? on ?? (??)', [index, name, 'expires_at']),
    ];
  },
};

const mysql: Dialect = {
  /**
   * Not "on duplicate key update": its count tells what happened only under one of two settings of
   * the connection. The second insert is for an expired row that a sweep removed in between.
   */
  async create({ knex, table, execute }, row, now) {
    const { key, ...values } = row;
    const insert = () => execute(knex(table).insert(row)).then(() => true, falseWhenTaken);
    const takeOver = () =>
      execute(knex(table).where({ key }).where('expires_at', '<=', now).update(values));
    return (await insert()) || (await takeOver()) === 1 || insert();
  },

  /** In two steps and by primary key: a range of the index would lock out those who create. */
  async removeExpired({ knex, table, execute }, now, limit) {
    const keys = await execute(expiredKeys(knex, table, now, limit).pluck('key'));
    if (keys.length === 0) return 0;
    return execute(knex(table).whereIn('key', keys).where('expires_at', '<=', now).delete());
  },

  examine: examineConnection,

  // The key is compared byte by byte, where text collations fold case or trailing spaces.
  definition: (knex, table) => [
    knex.raw(
      'create table if not exists ?? (?? varbinary(255) not null primary key, ' +
        '?? longtext not null, ?? bigint not null, ?? bigint not null, index ?? (??)) ' +
        'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin',
      [table, 'key', 'data', 'version', 'expires_at', indexName(table), 'expires_at'],
    ),
  ],
};

/** Under knex's names for them. */
const dialects = new Map<string, Dialect>([
  ['postgresql', postgresql],
  ['mysql', mysql],
  ['sqlite3', sqlite],
]);

async function createOrTakeOver(
  { knex, table, execute }: TableAccess,
  row: SessionRow,
  now: number,
): Promise<boolean> {
  const written = await execute(
    knex(table)
      .insert(row)
      .onConflict('key')
      .merge(['data', 'version', 'expires_at'])
      .where(`${table}.expires_at`, '<=', now)
      .returning('version'),
  );
  return written.length === 1;
}

async function unlimited(): Promise<number> {
  return Number.POSITIVE_INFINITY;
}

function expiredKeys(knex: Knex, table: string, now: number, limit: number) {
  return knex(table).select('key').where('expires_at', '<=', now).limit(limit);
}

function falseWhenTaken(error: unknown): false {
  if (isDuplicateKey(error)) return false;
  throw error;
}

function indexName(table: string): string {
  return `${table.replace(/^.*\./, '')}_expires_at`;
}
