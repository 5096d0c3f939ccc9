import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import type { RunningApp } from '../support/http-apps.js';
import { mariadbConnection, queryMariadb, startMariadb } from '../support/mariadb-server.js';
import { memcachedStats, startMemcached } from '../support/memcached-server.js';
import { pollUntil } from '../support/poll.js';
import {
  postgresConnection,
  postgresLog,
  queryPostgres,
  startPostgres,
} from '../support/postgres-server.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';
import { startShop } from '../support/shop-app.js';

interface Meter {
  readonly name: string;
  readonly start: () => Promise<ServerProcess>;
  readonly choice: (port: number) => SessionModuleOptions;
  /** How many commands the server has had so far by its own account, but for those that ask this. */
  readonly count: (server: ServerProcess) => Promise<number>;
}

const meters: readonly Meter[] = [
  {
    name: 'memcached',
    start: () => startMemcached(),
    choice: (port) => ({ adapter: 'memcached', port }),
    count: async ({ port }) => {
      const stats = await memcachedStats(port);
      const names = ['cmd_get', 'cmd_touch', 'cmd_set', 'delete_hits', 'delete_misses'];
      return sum(names.map((name) => stats.get(name) ?? 0));
    },
  },
  {
    name: 'Redis',
    start: () => startRedis(),
    choice: (port) => ({ adapter: 'redis', port }),
    count: async ({ port }) => {
      const calls = redisCalls(await redisCommand(port, 'INFO', 'commandstats'));
      const scripts = sum(['eval', 'evalsha'].map((name) => calls.get(name) ?? 0));
      // A script runs two commands inside the server.
      return sum([...calls.values()]) - 2 * scripts;
    },
  },
  {
    name: 'PostgreSQL',
    start: startPostgres,
    choice: (port) => ({
      adapter: 'database',
      client: 'pg',
      connection: postgresConnection(port),
    }),
    count: async (server) => {
      const log = await postgresLogUntilNow(server);
      return log.match(/LOG: {2}(statement|execute)(?!.*'log mark)/g)?.length ?? 0;
    },
  },
  {
    name: 'MariaDB',
    start: startMariadb,
    choice: (port) => ({
      adapter: 'database',
      client: 'mysql2',
      connection: mariadbConnection(port),
    }),
    count: async ({ port }) => {
      const rows = await queryMariadb(port, "show global status like 'Com\\_%'");
      const others = rows.filter(({ Variable_name: name }) => name !== 'Com_show_status');
      return sum(others.map(({ Value: value }) => Number(value)));
    },
  },
];

describe.each(meters)('commands for a request, counted by $name', ({ start, choice, count }) => {
  let server: ServerProcess;
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    server = await start();
    running = await startShop('express', choice(server.port));
    client = new Client(running.url);
    // What is done once, such as sending a script, is behind us after a request of each kind.
    for (const value of [1, 2]) await client.post('/set', { value });
  }, STARTING);
  afterAll(async () => {
    await running?.close();
    await server?.stop();
  });

  const commandsOf = async (request: () => Promise<{ status: number }>): Promise<number> => {
    const before = await count(server);
    expect((await request()).status).toBeLessThan(300);
    return (await count(server)) - before;
  };

  it('R1 none where the route uses no session', async () => {
    expect(await commandsOf(() => client.get('/plain'))).toBe(0);
  });

  it('R2 none for a visitor without a session who gets none', async () => {
    expect(await commandsOf(() => new Client(running.url).get('/visit'))).toBe(0);
  });

  it('one for a visitor who gets a session', async () => {
    expect(await commandsOf(() => new Client(running.url).post('/set', { value: 1 }))).toBe(1);
  });

  it('R22 one where the session is read', async () => {
    expect(await commandsOf(() => client.get('/visit'))).toBe(1);
  });

  it('two where it is written', async () => {
    expect(await commandsOf(() => client.post('/set', { value: 3 }))).toBe(2);
  });
});

/** Calls by the names of commands, without those that this test and greetings send. */
function redisCalls(info: string): ReadonlyMap<string, number> {
  const found = info.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm);
  const calls = new Map(Array.from(found, ([, name = '', times]) => [name, Number(times)]));
  for (const name of ['info', 'quit', 'hello', 'ping']) calls.delete(name);
  return calls;
}

/** The server writes its log in the order of the statements: what stands before a mark is all. */
async function postgresLogUntilNow(server: ServerProcess): Promise<string> {
  const mark = `log mark ${performance.now()}`;
  await queryPostgres(server.port, `select '${mark}'`);
  return pollUntil(
    async () => {
      const log = await readFile(postgresLog(server), 'utf8');
      return log.includes(mark) && log;
    },
    { within: 5000, what: 'the mark stands in the log' },
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
