import { readFile } from 'node:fs/promises';
import { afterEach, describe, it, jest } from '@jest/globals';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import type { Platform } from '../support/http-apps.js';
import { dumpMariadb, mariadbConnection, startMariadb } from '../support/mariadb-server.js';
import { dumpMemcached, startMemcached } from '../support/memcached-server.js';
import {
  dumpPostgres,
  postgresConnection,
  postgresLog,
  startPostgres,
} from '../support/postgres-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';
import { captureAllOutput } from './all-output.js';
import { type FailingApp, startFailingApp } from './failing-app.js';
import { expectNothingOpens, Visitors } from './visitors.js';

interface DumpedServer {
  readonly name: string;
  readonly platform: Platform;
  readonly start: () => Promise<ServerProcess>;
  readonly choice: (port: number) => SessionModuleOptions;
  /** All that it holds and writes down, as text. */
  readonly dump: (server: ServerProcess) => Promise<string>;
}

const servers: readonly DumpedServer[] = [
  {
    name: 'memcached',
    platform: 'express',
    start: startMemcached,
    choice: (port) => ({ adapter: 'memcached', port }),
    dump: ({ port }) => dumpMemcached(port),
  },
  {
    name: 'PostgreSQL, its log of statements included',
    platform: 'fastify',
    start: startPostgres,
    choice: (port) => ({ adapter: 'database', client: 'pg', connection: postgresConnection(port) }),
    dump: async (server) =>
      (await dumpPostgres(server.port)) + (await readFile(postgresLog(server), 'utf8')),
  },
  {
    name: 'MariaDB',
    platform: 'express',
    start: startMariadb,
    choice: (port) => ({
      adapter: 'database',
      client: 'mysql2',
      connection: mariadbConnection(port),
    }),
    dump: ({ port }) => dumpMariadb(port),
  },
];

describe('nothing works as a cookie', () => {
  let server: ServerProcess | undefined;
  let app: FailingApp | undefined;

  afterEach(async () => {
    jest.restoreAllMocks();
    await app?.close();
    await server?.stop();
    app = undefined;
    server = undefined;
  });

  it.each(servers)(
    'of a dump of $name',
    async ({ platform, start, choice, dump }) => {
      server = await start();
      captureAllOutput();
      app = await startFailingApp(platform, { ...choice(server.port), renewAfter: 1 });
      const visitors = new Visitors(app);
      await visitors.useEveryWrite();
      expectNothingOpens(await visitors.tryDump(await dump(server)));
    },
    STARTING,
  );
});
