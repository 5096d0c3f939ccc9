import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { mariadbConnection, startMariadb } from '../../support/mariadb-server.js';
import { startMemcached } from '../../support/memcached-server.js';
import { postgresConnection, startPostgres } from '../../support/postgres-server.js';
import { startRedis } from '../../support/redis-server.js';
import type { ServerProcess } from '../../support/server-process.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { Disk } from './disk.js';

/** A store that runs, and the handles by which it is disturbed. */
export interface Store {
  /** How an application chooses it. */
  readonly options: SessionModuleOptions;
  /** The same without the proxy, where there is one. */
  readonly direct?: SessionModuleOptions;
  readonly server?: ServerProcess;
  readonly proxy?: TcpProxy;
  readonly disk?: Disk;
  stop(): Promise<void>;
}

/** With whose end its sessions end; `use` where too many sessions push others out. */
type LostWith = 'process' | 'server' | 'use' | 'nothing';

interface StoreKind {
  readonly lostWith: LostWith;
  start(): Promise<Store>;
}

const ALWAYS = ['--appendonly', 'yes', '--appendfsync', 'always'];
const POSTGRES = { fsync: 'on', log_statement: 'none' };
/** As MariaDB does it unless told otherwise. */
const FLUSHED = '--innodb-flush-log-at-trx-commit=1';
/** Less than there are sessions. */
const FEW_SESSIONS = 40;

/** Every store, by the name that scenarios and the command line use. */
export const stores = {
  memory: { lostWith: 'process', start: () => inMemory({ adapter: 'memory' }) },
  'memory-full': {
    lostWith: 'use',
    start: () => inMemory({ adapter: 'memory', maxSessions: FEW_SESSIONS }),
  },
  file: { lostWith: 'nothing', start: startFolder },
  disk: { lostWith: 'nothing', start: startDisk },
  sqlite: { lostWith: 'nothing', start: startSqlite },
  memcached: {
    lostWith: 'server',
    start: async () => served(await startMemcached(), (port) => ({ adapter: 'memcached', port })),
  },
  redis: { lostWith: 'nothing', start: () => startRedisStore(...ALWAYS) },
  'redis-cache': { lostWith: 'server', start: () => startRedisStore() },
  postgres: {
    lostWith: 'nothing',
    start: async () =>
      served(await startPostgres(POSTGRES), (port) => ({
        adapter: 'database',
        client: 'pg',
        connection: postgresConnection(port),
      })),
  },
  mariadb: {
    lostWith: 'nothing',
    start: async () =>
      served(await startMariadb(FLUSHED), (port) => ({
        adapter: 'database',
        client: 'mysql2',
        connection: mariadbConnection(port),
      })),
  },
} as const satisfies Readonly<Record<string, StoreKind>>;

export type StoreName = keyof typeof stores;

export function lostWith(name: StoreName): LostWith {
  return stores[name].lostWith;
}

function startRedisStore(...flags: readonly string[]): Promise<Store> {
  return startRedis(...flags).then((server) =>
    served(server, (port) => ({ adapter: 'redis', port })),
  );
}

async function served(
  server: ServerProcess,
  choose: (port: number) => SessionModuleOptions,
): Promise<Store> {
  const proxy = await TcpProxy.to(server.port);
  const stop = async (): Promise<void> => {
    await proxy.close();
    await server.stop();
  };
  return { options: choose(proxy.port), direct: choose(server.port), server, proxy, stop };
}

async function inMemory(options: SessionModuleOptions): Promise<Store> {
  return { options, stop: async () => {} };
}

async function startFolder(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  const options: SessionModuleOptions = { adapter: 'file', path: join(folder, 'sessions') };
  return { options, stop: () => rm(folder, { recursive: true }) };
}

async function startDisk(): Promise<Store> {
  const disk = await Disk.mount();
  const options: SessionModuleOptions = { adapter: 'file', path: join(disk.folder, 'sessions') };
  return { options, disk, stop: () => disk.unmount() };
}

async function startSqlite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
  const connection = { filename: join(folder, 'sessions.sqlite') };
  return {
    options: { adapter: 'database', client: 'better-sqlite3', connection },
    stop: () => rm(folder, { recursive: true }),
  };
}
