import { randomInt } from 'node:crypto';
import {
  InvalidSessionOptionsException,
  SessionSerializationException,
} from '../../exceptions/session.exceptions.js';
import type { RecordVersion, StoredRecord } from '../session-adapter.js';
import { fromColumn, toColumn } from './data-column.js';
import { type Dialect, type SessionRow, type TableAccess, dialectOf } from './dialect.js';
import { isTableMissing } from './errors.js';
import { fitsInto } from './mysql-packets.js';
import { sessionTableSql } from './table-definition.js';

/** As the column has them; MySQL may cut off what is longer without saying so. */
const KEY_BYTES = 255;
const LARGEST_VERSION = 2 ** 48 - 1;

/** A record and its time of expiry, in milliseconds since the epoch. */
export interface FoundRecord {
  readonly data: string;
  readonly version: number;
  readonly expiresAt: number;
}

/** As the drivers give it, which have their own ideas of big integers. */
interface FoundRow {
  readonly data: unknown;
  readonly version: number | string | bigint;
  readonly expiry: number | string | bigint;
}

/** The table within one call: each method but `define` is one statement, atomic in itself. */
export class SessionTable {
  readonly #access: TableAccess;
  readonly #dialect: Dialect;
  readonly #largest: number;

  /** @param largest bytes that a statement may have */
  constructor(access: TableAccess, largest: number) {
    this.#access = access;
    this.#dialect = dialectOf(access.knex);
    this.#largest = largest;
  }

  /** The SQL that makes the table. */
  get sql(): string {
    return sessionTableSql(this.#access.knex, this.#access.table);
  }

  /** Whether the table is there with all its columns. */
  async exists(): Promise<boolean> {
    const { knex, table, execute } = this.#access;
    try {
      await execute(knex(table).select('key', 'data', 'version', 'expires_at').limit(0));
      return true;
    } catch (error) {
      if (isTableMissing(error)) return false;
      throw error;
    }
  }

  /** Makes the table and its index where they are missing. */
  async define(): Promise<void> {
    const { knex, table, execute } = this.#access;
    for (const statement of this.#dialect.definition(knex, table)) await execute(statement);
  }

  async find(key: string, now: number): Promise<FoundRecord | undefined> {
    // One-word names: an application's knex may turn expires_at into expiresAt in what it answers.
    const columns = { data: 'data', version: 'version', expiry: 'expires_at' };
    const rows: FoundRow[] = await this.#access.execute(this.#live(key, now).select(columns));
    const [row] = rows;
    if (!row) return undefined;
    return {
      data: fromColumn(row.data),
      version: Number(row.version),
      expiresAt: Number(row.expiry),
    };
  }

  /** The live records by their keys. */
  async findMany(keys: readonly string[], now: number): Promise<Map<string, StoredRecord>> {
    const { knex, table, execute } = this.#access;
    const found: (FoundRow & { readonly key: string | Buffer })[] = await execute(
      knex(table)
        .whereIn('key', keys)
        .where('expires_at', '>', now)
        .select('key', 'data', 'version'),
    );
    return new Map(
      found.map(({ key, data, version }) => {
        // MySQL gives the key as bytes.
        return [key.toString(), { data: fromColumn(data), version: Number(version) }];
      }),
    );
  }

  /** A new time of expiry for this very record; data and version stay. */
  async extend(key: string, version: number, expiresAt: number, now: number): Promise<void> {
    const { execute } = this.#access;
    await execute(this.#live(key, now).where({ version }).update({ expires_at: expiresAt }));
  }

  /** False: a record lives under this key. */
  async create(key: string, data: string, expiresAt: number, now: number): Promise<boolean> {
    if (Buffer.byteLength(key) > KEY_BYTES) throw keyTooLong();
    return this.#dialect.create(this.#access, { key, ...this.#values(data, expiresAt) }, now);
  }

  /** False: the record has another version or is gone. */
  async update(
    key: string,
    version: RecordVersion,
    data: string,
    expiresAt: number,
    now: number,
  ): Promise<boolean> {
    // MySQL would read any word as 0, and PostgreSQL would refuse it; no row has 0.
    const known = Number(version);
    if (!Number.isSafeInteger(known)) return false;
    const written = await this.#access.execute(
      this.#live(key, now).where({ version: known }).update(this.#values(data, expiresAt)),
    );
    return written === 1;
  }

  async remove(key: string): Promise<void> {
    const { knex, table, execute } = this.#access;
    await execute(knex(table).where({ key }).delete());
  }

  async removeMany(keys: readonly string[]): Promise<void> {
    const { knex, table, execute } = this.#access;
    await execute(knex(table).whereIn('key', keys).delete());
  }

  removeExpired(now: number, limit: number): Promise<number> {
    return this.#dialect.removeExpired(this.#access, now, limit);
  }

  /** A random version, so that none comes again when a key is removed and used anew. */
  #values(data: string, expiresAt: number): Omit<SessionRow, 'key'> {
    const column = toColumn(data);
    if (!fitsInto(this.#largest, column)) throw tooLarge(column, this.#largest);
    return { data: column, version: randomInt(1, LARGEST_VERSION), expires_at: expiresAt };
  }

  #live(key: string, now: number) {
    const { knex, table } = this.#access;
    return knex(table).where({ key }).where('expires_at', '>', now);
  }
}

function tooLarge(data: string, largest: number): SessionSerializationException {
  return new SessionSerializationException(
    `The session is larger than its database takes: it has ${Buffer.byteLength(data)} bytes and what ` +
      `quotes them, max_allowed_packet is ${largest}. Keep less in it.`,
  );
}

function keyTooLong(): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `The option \`prefix\` is too long: with it a key has more than ${KEY_BYTES} bytes. Shorten it.`,
  );
}
