import { setImmediate } from 'node:timers/promises';
import type { Knex } from 'knex';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import type { Call } from './database/call.js';
import { Calls } from './database/calls.js';
import {
  type DatabaseAdapterOptions,
  type DatabaseSettings,
  checkDatabaseOptions,
} from './database/database-options.js';
import { type TableAccess, dialectOf } from './database/dialect.js';
import { isTableMissing, wrongConnection } from './database/errors.js';
import { openKnex } from './database/open-knex.js';
import { SessionTable } from './database/session-table.js';
import type { ManyRecords } from './many-records.js';
import { type RecordVersion, SessionAdapter, type StoredRecord } from './session-adapter.js';

export type { DatabaseAdapterOptions, DatabaseClient } from './database/database-options.js';
export type { KnexInstance } from './database/knex-instance.js';
export {
  createSessionTable,
  dropSessionTable,
  sessionTableSql,
} from './database/table-definition.js';

const SWEEP_BATCH = 1000;

/**
 * Keeps sessions in a table of PostgreSQL, MySQL, MariaDB or SQLite, by knex.
 *
 * Expiry is judged by the clock of the application. Where several processes share the table, their
 * clocks should agree to a fraction of the session lifetime.
 *
 * @publicApi
 */
export class DatabaseAdapter extends SessionAdapter implements ManyRecords {
  readonly #settings: DatabaseSettings;
  #calls: Calls;
  #knex: Promise<Knex> | undefined;
  #tableIsThere: Promise<void> | undefined;
  /** Bytes that a statement may have, for each connection: the server may change it for later ones. */
  readonly #largest = new WeakMap<object, number>();
  #closing: Promise<void> | undefined;

  /** @throws InvalidSessionOptionsException */
  constructor(options: DatabaseAdapterOptions) {
    super();
    this.#settings = checkDatabaseOptions(options);
    this.#calls = new Calls(this.#settings.storeTimeout);
  }

  /**
   * Where this rejects, the adapter stays usable: each call then tries what open has not done.
   *
   * @throws InvalidSessionOptionsException when the database does not let the application in
   * @throws SessionStoreUnavailableException when it cannot be reached, or the table is missing
   */
  override async open(): Promise<void> {
    if (this.#closing) await this.#reopen(this.#closing);
    try {
      // Outside of a call: what loading the packages takes is not the database's time.
      await this.#client();
      await this.#withTable(async () => {});
    } catch (error) {
      throw wrongConnection(error) ?? error;
    }
  }

  override read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#withTable(async (table) => {
      const now = Date.now();
      const record = await table.find(key, now);
      if (!record) return undefined;
      const { data, version, expiresAt } = record;
      if (ttl !== undefined && isExtensionDue(expiresAt - now, milliseconds(ttl))) {
        await table.extend(key, version, now + milliseconds(ttl), now);
      }
      return { data, version };
    });
  }

  override create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#withTable((table) => {
      const now = Date.now();
      return table.create(key, data, now + milliseconds(ttl), now);
    });
  }

  override update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    return this.#withTable((table) => {
      const now = Date.now();
      return table.update(key, version, data, now + milliseconds(ttl), now);
    });
  }

  override destroy(key: string): Promise<void> {
    return this.#withTable((table) => table.remove(key));
  }

  /** What `read` gives for each key, in one statement. */
  readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    return this.#withTable(async (table) => {
      const records = await table.findMany(keys, Date.now());
      return keys.map((key) => records.get(key));
    });
  }

  /** What `destroy` does, in one statement. */
  destroyMany(keys: readonly string[]): Promise<void> {
    return this.#withTable((table) => table.removeMany(keys));
  }

  override async ping(): Promise<void> {
    await this.#withTable((table) => table.exists());
  }

  override async sweep(): Promise<number> {
    let total = 0;
    for (;;) {
      const removed = await this.#withTable((table) =>
        table.removeExpired(Date.now(), SWEEP_BATCH),
      );
      total += removed;
      if (removed < SWEEP_BATCH) return total;
      // SQLite answers without ever going back to the event loop.
      await setImmediate();
    }
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#calls.close();
    if ('knex' in this.#settings.source) return;
    const knex = await this.#knex?.catch(() => undefined);
    await knex?.destroy();
  }

  async #reopen(closing: Promise<void>): Promise<void> {
    await closing.catch(() => {});
    // Another one may have done so meanwhile.
    if (this.#closing !== closing) return;
    this.#closing = this.#knex = this.#tableIsThere = undefined;
    this.#calls = new Calls(this.#settings.storeTimeout);
  }

  #withTable<T>(work: (table: SessionTable) => Promise<T>): Promise<T> {
    return this.#calls.run(async (call) => {
      const knex = await this.#client();
      return call.withConnection(knex, async (execute, connection) => {
        const access = { knex, execute, table: this.#settings.table };
        const largest =
          this.#largest.get(connection) ?? (await this.#examine(call, access, connection));
        const table = new SessionTable(access, largest);
        await this.#ensure(table);
        return work(table).catch((error: unknown) => {
          // It may have gone since: the next call looks for it.
          if (isTableMissing(error)) this.#tableIsThere = undefined;
          throw error;
        });
      });
    });
  }

  #client(): Promise<Knex> {
    this.#knex ??= this.#findKnex();
    return this.#knex;
  }

  async #findKnex(): Promise<Knex> {
    const { source, storeTimeout } = this.#settings;
    if ('knex' in source) return source.knex as Knex;
    return openKnex(source.driver, source.connection, storeTimeout);
  }

  /** Once there, the table is not looked for again; until then every call does. */
  #ensure(table: SessionTable): Promise<void> {
    this.#tableIsThere ??= ensureTable(table, this.#settings.createTable).catch(
      (error: unknown) => {
        this.#tableIsThere = undefined;
        throw error;
      },
    );
    return this.#tableIsThere;
  }

  /** @throws InvalidSessionOptionsException when the connection cannot be written to safely */
  async #examine(call: Call, access: TableAccess, connection: object): Promise<number> {
    try {
      const largest = await dialectOf(access.knex).examine(access);
      this.#largest.set(connection, largest);
      return largest;
    } catch (error) {
      // The next one may have better settings.
      call.giveUpConnection();
      throw error;
    }
  }
}

async function ensureTable(table: SessionTable, createTable: boolean): Promise<void> {
  if (await table.exists()) return;
  let cause: unknown;
  if (createTable) {
    // Of two processes that make it at once, one may be refused although the table is there then.
    cause = await table.define().catch((error: unknown) => error);
    if (await table.exists()) return;
  }
  throw new SessionStoreUnavailableException(
    'The table of the sessions is missing or lacks a column, and it ' +
      (createTable ? 'could not be made. ' : 'is not to be made since `createTable` is false. ') +
      `Run createSessionTable() of nestjs-session-bag/adapters/database in a migration, or this SQL:\n${table.sql}`,
    { cause },
  );
}

/** An extension is a write: it waits until a tenth of the life has passed. */
function isExtensionDue(remaining: number, life: number): boolean {
  return remaining < 0.9 * life || remaining > life;
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
