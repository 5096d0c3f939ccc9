import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { type RecordVersion, SessionAdapter, type StoredRecord } from 'nestjs-session-bag';

const TABLE =
  'CREATE TABLE IF NOT EXISTS sessions (key TEXT PRIMARY KEY, data TEXT, version TEXT, expires INT)';

export class SqliteAdapter extends SessionAdapter {
  readonly #database: Database.Database;

  constructor(path: string) {
    super();
    this.#database = new Database(path);
    this.#database.exec(TABLE);
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const now = Date.now();
    if (ttl !== undefined) {
      const extend = 'UPDATE sessions SET expires = ? WHERE key = ? AND expires > ?';
      this.#change(extend, now + ttl * 1000, key, now);
    }
    const find = 'SELECT data, version FROM sessions WHERE key = ? AND expires > ?';
    return this.#database.prepare<unknown[], StoredRecord>(find).get(key, now);
  }

  /** One statement, so that of two at once only one finds the key free. */
  async create(key: string, data: string, ttl: number): Promise<boolean> {
    const now = Date.now();
    const insert = `INSERT INTO sessions (key, data, version, expires) VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET (data, version, expires) =
        (excluded.data, excluded.version, excluded.expires) WHERE sessions.expires <= ?`;
    return this.#change(insert, key, data, randomUUID(), now + ttl * 1000, now) === 1;
  }

  /** One statement, so that nobody writes between the comparison and the swap. */
  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    const now = Date.now();
    const swap = `UPDATE sessions SET data = ?, version = ?, expires = ?
      WHERE key = ? AND version = ? AND expires > ?`;
    const expires = now + ttl * 1000;
    return this.#change(swap, data, randomUUID(), expires, key, version, now) === 1;
  }

  async destroy(key: string): Promise<void> {
    this.#change('DELETE FROM sessions WHERE key = ?', key);
  }

  override async sweep(): Promise<number> {
    return this.#change('DELETE FROM sessions WHERE expires <= ?', Date.now());
  }

  override async close(): Promise<void> {
    this.#database.close();
  }

  #change(statement: string, ...values: unknown[]): number {
    return this.#database.prepare(statement).run(...values).changes;
  }
}
