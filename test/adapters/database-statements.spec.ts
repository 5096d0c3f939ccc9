import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { SessionSerializationException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { postgresLog } from '../support/postgres-server.js';
import { pollUntil } from '../support/poll.js';
import { type DatabaseKind, TestDatabase, databaseKinds } from '../support/session-databases.js';

/** Runs `work` and counts the statements that the server got meanwhile. */
type Counter = (database: TestDatabase, work: () => Promise<unknown>) => Promise<number>;

const counters: Record<string, Counter> = {
  PostgreSQL: countInLog,
  MariaDB: async ({ knex }, work) => {
    const before = await questions();
    await work();
    const countedItself = 1;
    return (await questions()) - before - countedItself;

    async function questions(): Promise<number> {
      const [rows] = (await knex.raw("show global status like 'Questions'")) as [
        { Value: string }[],
      ];
      return Number(rows[0]?.Value);
    }
  },
};

const servers = databaseKinds.flatMap((kind: DatabaseKind) => {
  const count = counters[kind.name];
  return count ? [{ name: kind.name, kind, count }] : [];
});

describe.each(servers)('The statements that reach $name', ({ kind, count }) => {
  const database = TestDatabase.use(kind);

  it('R22 are one for each call, and a second one for an extension that is due', async () => {
    const adapter = await database.openAdapter();
    const counted = (work: () => Promise<unknown>) => count(database, work);

    expect(await counted(() => adapter.create('key', 'data', 60))).toBe(1);
    expect(await counted(() => adapter.read('key'))).toBe(1);
    expect(await counted(() => adapter.read('key', 60))).toBe(1);
    expect(await counted(() => adapter.read('key', 600))).toBe(2);
    expect(await counted(() => adapter.read('absent', 60))).toBe(1);
    const version = (await adapter.read('key'))?.version ?? 'none';
    expect(await counted(() => adapter.update('key', 'new', 60, version))).toBe(1);
    expect(await counted(() => adapter.update('key', 'new', 60, version))).toBe(1);
    expect(await counted(() => adapter.destroy('key'))).toBe(1);
    expect(await counted(() => adapter.ping())).toBe(1);
  });

  it('R15 tell a session that is too large from a database that fails', async () => {
    const adapter = await database.openAdapter();
    const largerThanPackets = 17 * 2 ** 20;
    if (kind.name === 'PostgreSQL') {
      await database.knex.raw('alter table sessions alter data type varchar(1000)');
    }
    const error = await failureOf(adapter.create('key', 'x'.repeat(largerThanPackets), 60));
    expect(error).toBeInstanceOf(SessionSerializationException);
    expect(error.message).toMatch(/larger than its database takes.*Keep less in it/);
    expect(await adapter.create('key', 'small', 60)).toBe(true);
  });

  it('R15 tell a session with characters that its table cannot keep, and keep the old one', async () => {
    const latin1 =
      kind.name === 'PostgreSQL'
        ? "alter table sessions add check (convert_to(data, 'LATIN1') is not null)"
        : 'alter table sessions modify data longtext character set latin1 not null';
    const adapter = await database.openAdapter();
    await database.knex.raw(latin1);
    expect(await adapter.create('key', 'Füße', 60)).toBe(true);
    const version = (await adapter.read('key'))?.version ?? 'none';
    const error = await failureOf(adapter.update('key', '東京', 60, version));
    expect(error).toBeInstanceOf(SessionSerializationException);
    expect(error.message).toMatch(/characters that its database cannot keep.*UTF-8/);
    expect(await adapter.read('key')).toMatchObject({ data: 'Füße' });
  });
});

let marks = 0;

/** The log is written by another process of the server: a mark in it says that all is there. */
async function countInLog(database: TestDatabase, work: () => Promise<unknown>): Promise<number> {
  const begin = await mark();
  await work();
  const end = await mark();
  const between = await pollUntil(
    async () => {
      const log = await readFile(postgresLog(database.server), 'utf8');
      return log.includes(end) && log.slice(log.indexOf(begin), log.indexOf(end));
    },
    { within: 5000, what: 'the log shows the last statement' },
  );
  const statements = between.match(/ LOG: {2}(execute|statement)/g) ?? [];
  const markAtTheEnd = 1;
  return statements.length - markAtTheEnd;

  async function mark(): Promise<string> {
    const text = `mark ${++marks}.`;
    await database.knex.raw(`select '${text}'`);
    return text;
  }
}
