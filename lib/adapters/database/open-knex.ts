import type { Knex } from 'knex';
import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { Driver } from './database-options.js';

const MAX_CONNECTIONS = 10;
const IDLE_MILLISECONDS = 10_000;
/** A busy SQLite file stops this whole process while waiting, so it is asked again instead. */
const SQLITE_BUSY_MILLISECONDS = 20;

/**
 * A knex of our own: it connects when it is used, waits at most `timeout` milliseconds for a
 * connection and says nothing, since what it would say can hold hosts.
 *
 * @throws InvalidSessionOptionsException when knex or the driver is not installed
 */
export async function openKnex(
  driver: Driver,
  connection: string | object,
  timeout: number,
): Promise<Knex> {
  const createKnex = await importKnex(driver);
  const config: Knex.Config = {
    client: driver,
    log: { debug: silent, warn: silent, error: silent, deprecate: silent },
    compileSqlOnError: false,
    ...perDriver[driver](connection, timeout),
  };
  config.pool = {
    min: 0,
    max: MAX_CONNECTIONS,
    acquireTimeoutMillis: timeout,
    createTimeoutMillis: timeout,
    destroyTimeoutMillis: timeout,
    idleTimeoutMillis: IDLE_MILLISECONDS,
    ...config.pool,
  };
  return createKnex(config);
}

const perDriver: Record<Driver, (connection: string | object, timeout: number) => Knex.Config> = {
  pg: (connection, timeout) => ({
    connection: {
      connectionTimeoutMillis: timeout,
      keepAlive: true,
      ...(typeof connection === 'string' ? { connectionString: connection } : connection),
    },
  }),

  mysql2: (connection, timeout) => ({
    // Otherwise knex asks once for the version, and a server that hangs then would hang it for good.
    version: 'latest',
    connection: {
      connectTimeout: timeout,
      ...(typeof connection === 'string' ? { uri: connection } : connection),
    },
  }),

  'better-sqlite3': (connection) => {
    const file = typeof connection === 'string' ? { filename: connection } : connection;
    return {
      connection: file,
      useNullAsDefault: true,
      // One connection: the driver is synchronous. A database in memory lives as long as that does.
      pool: { min: isInMemory(file) ? 1 : 0, max: 1, afterCreate: prepareSqlite },
    };
  },
};

interface SqliteConnection {
  pragma(source: string): unknown;
}

/** Readers and a writer at once, and a commit that has reached the disk when it is answered. */
function prepareSqlite(connection: SqliteConnection, done: (error?: unknown) => void): void {
  try {
    connection.pragma(`busy_timeout = ${SQLITE_BUSY_MILLISECONDS}`);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    done();
  } catch (error) {
    done(error);
  }
}

function isInMemory(connection: object): boolean {
  return 'filename' in connection && /^$|:memory:/.test(String(connection.filename));
}

/** Each is named, and awaited in the `try` itself: there bundlers find it, and let it be missing. */
async function importKnex(driver: Driver): Promise<(config: Knex.Config) => Knex> {
  try {
    const { default: createKnex } = await import('knex');
    if (driver === 'pg') await import('pg');
    else if (driver === 'mysql2') await import('mysql2');
    else await import('better-sqlite3');
    return createKnex;
  } catch (cause) {
    throw new InvalidSessionOptionsException(
      `The database adapter needs knex and ${driver}. Run: npm install knex ${driver}`,
      { cause },
    );
  }
}

function silent(): void {}
