import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memcachedStats, startMemcached } from '../support/memcached-server.js';
import { queryPostgres, startPostgres } from '../support/postgres-server.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import type { StoreAddress, StoreName } from './variants.js';

/** A store with nothing in it, which may tell how many commands it has got. */
export interface RunningStore {
  readonly address: StoreAddress;
  /** By the server's own count; undefined for stores without a server. */
  commands(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startStore(name: StoreName): Promise<RunningStore> {
  const path = await mkdtemp(join(tmpdir(), 'bench-'));
  const server = await serverOf(name);
  const port = server?.port ?? 0;
  return {
    address: { name, port, path: join(path, 'sessions') },
    commands: () => countOf(name, port),
    stop: async () => {
      await server?.stop();
      await rm(path, { recursive: true });
    },
  };
}

async function serverOf(name: StoreName): Promise<ServerProcess | undefined> {
  switch (name) {
    case 'redis':
      return startRedis();
    case 'memcached':
      return startMemcached();
    case 'postgres': {
      const server = await startPostgres({
        log_statement: 'none',
        shared_preload_libraries: 'pg_stat_statements',
      });
      await queryPostgres(server.port, 'create extension pg_stat_statements');
      return server;
    }
    default:
      return undefined;
  }
}

async function countOf(name: StoreName, port: number): Promise<number | undefined> {
  switch (name) {
    case 'redis':
      return redisCommands(port);
    case 'memcached':
      return memcachedCommands(port);
    case 'postgres':
      return postgresStatements(port);
    default:
      return undefined;
  }
}

/**
 * What clients have sent about records. The server counts what a script calls as well: that of the
 * Redis adapter calls GETRANGE and, when it succeeds, SET.
 */
async function redisCommands(port: number): Promise<number> {
  const stats = await redisCommand(port, 'INFO', 'commandstats');
  const calls = new Map(
    Array.from(stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm), ([, name = '', count]) => [
      name,
      Number(count),
    ]),
  );
  const all = [...calls].filter(([name]) => !HOUSEKEEPING.test(name));
  const byScripts = 2 * (calls.get('getrange') ?? 0);
  return all.reduce((sum, [, count]) => sum + count, -byScripts);
}

const HOUSEKEEPING = /^(info|ping|hello|auth|select|quit|client\b.*)$/;

async function memcachedCommands(port: number): Promise<number> {
  const stats = await memcachedStats(port);
  const counted = ['cmd_get', 'cmd_set', 'cmd_touch', 'delete_hits', 'delete_misses'];
  return counted.reduce((sum, name) => sum + (stats.get(name) ?? 0), 0);
}

async function postgresStatements(port: number): Promise<number> {
  const counted = 'select sum(calls)::int as calls from pg_stat_statements';
  const rows = (await queryPostgres(
    port,
    `${counted} where query ilike '%session%' and query not ilike '%pg_stat%'`,
  )) as { readonly calls: number | null }[];
  return rows[0]?.calls ?? 0;
}
