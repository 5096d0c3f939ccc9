import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import { isStoreTimeout } from '../store-timeout.js';
import { dialectOf } from './dialect.js';
import type { KnexInstance } from './knex-instance.js';

/**
 * Options of the database adapter: either `client` and `connection`, or the application's own
 * `knex`.
 *
 * @publicApi
 */
export interface DatabaseAdapterOptions {
  /** The driver, which is to be installed beside knex. */
  client?: DatabaseClient;
  /** A URL (for SQLite the path of the file or `:memory:`), or what the driver takes. */
  connection?: string | object;
  /** The application's own knex: used as it is, never destroyed by the adapter. */
  knex?: KnexInstance;
  /**
   * The name of the table, with one dot for a schema.
   *
   * @default 'sessions'
   */
  table?: string;
  /**
   * Whether a missing table is made. Without, use `createSessionTable` in a migration.
   *
   * @default true
   */
  createTable?: boolean;
  /**
   * Milliseconds within which every call settles.
   *
   * @default 2000
   */
  storeTimeout?: number;
}

/** Names of knex, and those that people call their databases by. */
export type DatabaseClient =
  'pg' | 'postgres' | 'postgresql' | 'mysql2' | 'mysql' | 'mariadb' | 'better-sqlite3' | 'sqlite';

/** The packages that speak to the databases. */
export type Driver = 'pg' | 'mysql2' | 'better-sqlite3';

const DRIVERS = new Map<unknown, Driver>([
  ['pg', 'pg'],
  ['postgres', 'pg'],
  ['postgresql', 'pg'],
  ['mysql2', 'mysql2'],
  ['mysql', 'mysql2'],
  ['mariadb', 'mysql2'],
  ['better-sqlite3', 'better-sqlite3'],
  ['sqlite', 'better-sqlite3'],
]);

/** 48 characters leave room for the name of the index in PostgreSQL's 63. */
const TABLE_NAME = /^([a-z_][a-z0-9_]{0,47}\.)?[a-z_][a-z0-9_]{0,47}$/i;

/** Where the adapter gets its knex from. */
export type KnexSource =
  | { readonly knex: KnexInstance }
  | { readonly driver: Driver; readonly connection: string | object };

export interface DatabaseSettings {
  readonly source: KnexSource;
  readonly table: string;
  readonly createTable: boolean;
  readonly storeTimeout: number;
}

/** @throws InvalidSessionOptionsException naming the option and its cure */
export function checkDatabaseOptions(options: DatabaseAdapterOptions): DatabaseSettings {
  const { table = 'sessions', createTable = true, storeTimeout = 2000 } = options;
  if (typeof table !== 'string' || !TABLE_NAME.test(table)) {
    throw invalid(
      'table',
      'must be letters, digits and underscores, at most 48 of them, with at most one dot after a schema',
    );
  }
  if (typeof createTable !== 'boolean') throw invalid('createTable', 'must be true or false');
  if (!Number.isInteger(storeTimeout) || !isStoreTimeout(storeTimeout)) {
    throw invalid('storeTimeout', 'must be a whole number of milliseconds, 1 or more');
  }
  return { source: checkSource(options), table, createTable, storeTimeout };
}

function checkSource({ knex, client, connection }: DatabaseAdapterOptions): KnexSource {
  if (knex !== undefined) {
    if (client !== undefined || connection !== undefined) {
      throw invalid('knex', 'brings its own client and connection; leave those two out');
    }
    if (typeof knex !== 'function' || !('client' in knex)) {
      throw invalid('knex', 'must be what knex({ client, connection }) returns');
    }
    if ('isTransaction' in knex && knex.isTransaction === true) {
      throw invalid('knex', 'must not be a transaction, whose changes nobody sees before its end');
    }
    dialectOf(knex);
    return { knex };
  }
  const driver = DRIVERS.get(client);
  if (driver === undefined) {
    throw invalid('client', "must be 'pg', 'mysql2' or 'better-sqlite3', unless `knex` is given");
  }
  const given = typeof connection === 'string' ? connection !== '' : isObject(connection);
  if (connection === undefined || !given) {
    throw invalid('connection', 'must be a URL (for SQLite a path) or an object for the driver');
  }
  return { driver, connection };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function invalid(option: keyof DatabaseAdapterOptions, cure: string) {
  return new InvalidSessionOptionsException(`The option \`${option}\` ${cure}.`);
}
