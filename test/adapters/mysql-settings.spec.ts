import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import createKnex, { type Knex } from 'knex';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionSerializationException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { mariadbConnection, queryMariadb, startMariadb } from '../support/mariadb-server.js';
import { pollUntil } from '../support/poll.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';

const PACKET = 1_048_576;

describe('The database adapter and the settings of MariaDB', () => {
  let server: ServerProcess;
  const adapters: DatabaseAdapter[] = [];

  beforeAll(async () => {
    server = await startMariadb(`--max-allowed-packet=${PACKET}`);
  }, STARTING);
  afterEach(() => Promise.all(adapters.splice(0).map((adapter) => adapter.close())));
  afterAll(() => server.stop());

  const create = (): DatabaseAdapter => {
    const connection = mariadbConnection(server.port);
    const adapter = new DatabaseAdapter({ client: 'mysql2', connection });
    adapters.push(adapter);
    return adapter;
  };

  /** With a knex of the application, whose connections begin with a statement. */
  const createWith = (
    sql: string,
    config: Knex.Config = {},
  ): { adapter: DatabaseAdapter; knex: Knex } => {
    const knex = createKnex({
      ...config,
      client: 'mysql2',
      connection: mariadbConnection(server.port),
      pool: {
        afterCreate: (connection: { query: (sql: string, done: unknown) => void }, done: unknown) =>
          connection.query(sql, done),
      },
    });
    const adapter = new DatabaseAdapter({ knex });
    adapters.push(adapter);
    return { adapter, knex };
  };

  it.each(['latin1', 'gbk', 'binary'])(
    'stop the boot where texts would come back as others: charset %s',
    async (charset) => {
      const connection = { ...mariadbConnection(server.port), charset };
      const adapter = new DatabaseAdapter({ client: 'mysql2', connection });
      adapters.push(adapter);
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toMatch(/another character set than utf8mb4.*`charset`/);
      await failureOf(adapter.create('sess:text', '東京', 60));
    },
  );

  it.each([
    ['set names gbk', /another character set/],
    ['set character_set_results = latin1', /another character set/],
    ['set character_set_connection = latin1', /another character set/],
    ['set character_set_results = utf8mb3', /another character set/],
    ['set character_set_connection = utf8mb3', /another character set/],
    ['set autocommit = 0', /autocommit switched off, so that nothing would be stored/],
  ])('stop the boot where a knex begins with: %s', async (sql, message) => {
    const { adapter, knex } = createWith(sql);
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(message);
    await failureOf(adapter.create('sess:text', '東京', 60));
    await knex.destroy();
  });

  it.each(['set names utf8', 'set character_set_results = null'])(
    'keep texts where a knex begins with: %s',
    async (sql) => {
      const { adapter, knex } = createWith(sql);
      await adapter.open();
      expect(await adapter.create('sess:text', '東京 🗼', 60)).toBe(true);
      expect((await adapter.read('sess:text'))?.data).toBe('東京 🗼');
      await adapter.destroy('sess:text');
      await knex.destroy();
    },
  );

  it.each([
    ['a little', 'x'.repeat(1_100_000)],
    ['by what quotes it', '"'.repeat(600_000)],
    ['by its characters', 'ü'.repeat(600_000)],
    ['a lot', 'x'.repeat(20_000_000)],
  ])('R15 a record that max_allowed_packet does not take is too large, %s', async (_, data) => {
    const adapter = create();
    await adapter.create('sess:large', 'old', 60);
    const { version = '' } = (await adapter.read('sess:large')) ?? {};
    for (const call of [
      adapter.update('sess:large', data, 60, version),
      adapter.create('sess:other', data, 60),
    ]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(SessionSerializationException);
      expect(error.message).toMatch(/max_allowed_packet is 1048576/);
    }
    expect((await adapter.read('sess:large'))?.data).toBe('old');
    await adapter.destroy('sess:large');
  });

  it.each(['x'.repeat(1_040_000), '\\'.repeat(520_000), 'ü'.repeat(520_000)])(
    'and one that just fits is none',
    async (data) => {
      const adapter = create();
      expect(await adapter.create('sess:fits', data, 60)).toBe(true);
      expect((await adapter.read('sess:fits'))?.data).toBe(data);
      await adapter.destroy('sess:fits');
    },
  );

  describe('with NO_BACKSLASH_ESCAPES, under which mysql2 would send SQL out of sessions', () => {
    const setMode = (mode: string) => queryMariadb(server.port, `set global sql_mode = '${mode}'`);
    const injected = "', 1, 9999999999999) -- ";

    beforeAll(() => setMode('STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'));
    afterAll(() => setMode('STRICT_TRANS_TABLES'));

    it('stops the boot, and writes nothing later either', async () => {
      const adapter = create();
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toMatch(/NO_BACKSLASH_ESCAPES.*sql_mode/);
      await failureOf(adapter.create('sess:injected', injected, 60));
    });

    it('works with a knex whose connections have another mode', async () => {
      const { adapter, knex } = createWith("set session sql_mode = 'STRICT_TRANS_TABLES'");
      await adapter.open();
      expect(await adapter.create('sess:injected', injected, 60)).toBe(true);
      expect((await adapter.read('sess:injected'))?.data).toBe(injected);
      await adapter.close();
      await knex.destroy();
    });
  });

  describe('without a strict mode, in which columns cut off what they do not take', () => {
    const lax = "set session sql_mode = ''";
    const columns = {
      key: 'varbinary(255) primary key',
      data: 'longtext character set utf8mb4 not null',
      version: 'bigint not null',
      expires_at: 'bigint not null',
    };
    const make = (changed: Partial<typeof columns>): Promise<unknown> => {
      const all = Object.entries({ ...columns, ...changed });
      const definition = all.map(([name, type]) => `\`${name}\` ${type}`).join();
      return queryMariadb(server.port, `create table bag.sessions (${definition})`);
    };
    const drop = () => queryMariadb(server.port, 'drop table if exists bag.sessions');
    beforeEach(drop);
    afterAll(drop);

    it.each([
      { key: 'varchar(40) primary key' },
      { data: 'text character set utf8mb4 not null' },
      { data: 'longtext character set latin1 not null' },
      { version: 'int not null' },
      { expires_at: 'int not null' },
    ])('stops the boot where a table was made with %j', async (changed) => {
      await make(changed);
      const { adapter, knex } = createWith(lax);
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(InvalidSessionOptionsException);
      expect(error.message).toContain(`\`${Object.keys(changed).join()}\``);
      await failureOf(adapter.create('sess:text', '東京', 60));
      await knex.destroy();
    });

    it('reads what a knex says that renames what it gives', async () => {
      await make({ version: 'int not null' });
      const renamed = (value: object) =>
        Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toLowerCase(), one]));
      const { adapter, knex } = createWith(lax, {
        postProcessResponse: (response: unknown) =>
          Array.isArray(response) ? response.map(renamed) : response,
      });
      const refused = await failureOf(adapter.open());
      expect(refused.message).toContain('`version`');
      await knex.destroy();
    });

    it('takes such a table where the mode is strict, and there refuses what it cannot keep', async () => {
      await make({ data: 'text character set utf8mb4 not null' });
      const adapter = create();
      await adapter.open();
      const error = await failureOf(adapter.create('sess:text', 'x'.repeat(70_000), 60));
      expect(error).toBeInstanceOf(SessionSerializationException);
      expect(await adapter.read('sess:text')).toBeUndefined();
    });

    it.each([true, false])(
      'works with columns that are wide enough, made before: %j',
      async (isMade) => {
        if (isMade) await make({ key: 'varchar(512) character set ascii primary key' });
        const { adapter, knex } = createWith(lax);
        await adapter.open();
        expect(await adapter.create('sess:text', '東京 🗼', 60)).toBe(true);
        expect((await adapter.read('sess:text'))?.data).toBe('東京 🗼');
        await knex.destroy();
      },
    );
  });

  it('R11 stop the boot where the table has no primary key, and a key could be created twice', async () => {
    await queryMariadb(
      server.port,
      'create table bag.sessions (id serial, `key` varchar(255) not null, data longtext not null, ' +
        'version bigint not null, expires_at bigint not null, index (`key`))',
    );
    const adapter = create();
    const error = await failureOf(adapter.open());
    expect(error).toBeInstanceOf(InvalidSessionOptionsException);
    expect(error.message).toMatch(/no primary key/);
    await queryMariadb(server.port, 'drop table bag.sessions');
  });

  describe('when the settings change while the application runs', () => {
    const large = 'x'.repeat(1_100_000);

    /** Connections have them from then on, and all are new, as after a restart of the server. */
    const change = async (setting: string): Promise<void> => {
      await queryMariadb(server.port, `set global ${setting}`);
      const others = await queryMariadb(
        server.port,
        'select id from information_schema.processlist where id <> connection_id()',
      );
      await Promise.allSettled(others.map(({ id }) => queryMariadb(server.port, `kill ${id}`)));
    };
    const becomes = (what: string, look: () => Promise<boolean>) =>
      pollUntil(look, { what, within: 5000 });

    it('takes as much as they allow then', async () => {
      const adapter = create();
      await adapter.open();
      await change(`max_allowed_packet = ${2 * PACKET}`);
      await becomes('stored', () => adapter.create('sess:larger', large, 60));
      await change(`max_allowed_packet = ${PACKET}`);
      await becomes('refused', async () => {
        const error = await failureOf(adapter.create('sess:other', large, 60));
        return /max_allowed_packet is 1048576/.test(error.message);
      });
    });

    it('sends nothing where it would be taken for SQL, until that is mended', async () => {
      const adapter = create();
      await adapter.open();
      await change("sql_mode = 'NO_BACKSLASH_ESCAPES'");
      await becomes('refused', async () => {
        const error = await failureOf(adapter.create('sess:quoted', "' -- ", 60));
        return /NO_BACKSLASH_ESCAPES/.test(error.message);
      });
      await queryMariadb(server.port, "set global sql_mode = 'STRICT_TRANS_TABLES'");
      expect(await adapter.create('sess:quoted', "' -- ", 60)).toBe(true);
      expect((await adapter.read('sess:quoted'))?.data).toBe("' -- ");
    });
  });
});
