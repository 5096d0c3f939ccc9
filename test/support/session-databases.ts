import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import createKnex, { type Knex } from 'knex';
import {
  DatabaseAdapter,
  type DatabaseAdapterOptions,
  dropSessionTable,
} from '../../lib/adapters/database.adapter.js';
import { mariadbConnection, startMariadb } from './mariadb-server.js';
import { postgresConnection, startPostgres } from './postgres-server.js';
import type { ServerProcess } from './server-process.js';

/** Milliseconds for a server to be installed and started on a busy machine. */
export const STARTING = 60_000;

/** What knex connects with. */
export interface DatabaseLogin {
  readonly client: 'pg' | 'mysql2' | 'better-sqlite3';
  readonly connection: object;
}

export interface RunningDatabase {
  readonly login: DatabaseLogin;
  readonly server?: ServerProcess;
  readonly stop: () => Promise<void>;
}

export interface DatabaseKind {
  readonly name: string;
  readonly start: () => Promise<RunningDatabase>;
}

/** The databases that the adapter works on, for `describe.each`. */
export const databaseKinds: readonly DatabaseKind[] = [
  {
    name: 'PostgreSQL',
    start: async () => {
      const server = await startPostgres();
      return served(server, { client: 'pg', connection: postgresConnection(server.port) });
    },
  },
  {
    name: 'MariaDB',
    start: async () => {
      const server = await startMariadb();
      return served(server, { client: 'mysql2', connection: mariadbConnection(server.port) });
    },
  },
  {
    name: 'SQLite',
    start: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
      const filename = join(folder, 'sessions.sqlite');
      return {
        login: { client: 'better-sqlite3', connection: { filename } },
        stop: () => rm(folder, { recursive: true }),
      };
    },
  },
];

function served(server: ServerProcess, login: DatabaseLogin): RunningDatabase {
  return { server, login, stop: () => server.stop() };
}

/** A database for the tests of the enclosing `describe`; each test finds it without a table. */
export class TestDatabase {
  static use(kind: DatabaseKind): TestDatabase {
    const database = new TestDatabase(kind);
    beforeAll(() => database.#start(), STARTING);
    afterEach(() => database.#reset());
    afterAll(() => database.#stop());
    return database;
  }

  readonly #kind: DatabaseKind;
  readonly #adapters: DatabaseAdapter[] = [];
  #running: RunningDatabase | undefined;
  #knex: Knex | undefined;

  private constructor(kind: DatabaseKind) {
    this.#kind = kind;
  }

  /** Looks at the database from outside. */
  get knex(): Knex {
    return started(this.#knex);
  }

  get login(): DatabaseLogin {
    return started(this.#running).login;
  }

  get server(): ServerProcess {
    return started(this.#running?.server);
  }

  /** An adapter that is closed after the test. */
  adapter(options: DatabaseAdapterOptions = {}): DatabaseAdapter {
    const login = options.knex ? {} : this.login;
    const adapter = new DatabaseAdapter({ ...login, ...options });
    this.#adapters.push(adapter);
    return adapter;
  }

  async openAdapter(options?: DatabaseAdapterOptions): Promise<DatabaseAdapter> {
    const adapter = this.adapter(options);
    await adapter.open();
    return adapter;
  }

  async #start(): Promise<void> {
    this.#running = await this.#kind.start();
    const log = { warn: () => {} };
    this.#knex = createKnex({ ...this.login, log, useNullAsDefault: true });
  }

  async #reset(): Promise<void> {
    await Promise.all(this.#adapters.splice(0).map((adapter) => adapter.close()));
    await dropSessionTable(this.knex);
  }

  async #stop(): Promise<void> {
    await this.#knex?.destroy();
    await this.#running?.stop();
  }
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is no such thing here, or only within a test.');
  return value;
}
