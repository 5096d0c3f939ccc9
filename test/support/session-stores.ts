import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { createClient } from 'redis';
import type { Platform } from './http-apps.js';
import { startMemcached } from './memcached-server.js';
import { startRedis } from './redis-server.js';
import { type DatabaseKind, databaseKinds } from './session-databases.js';

/** A store as an application chooses it. */
export interface RunningStore {
  readonly choice: SessionModuleOptions;
  readonly stop: () => Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** The stores take turns, so that each platform meets several. */
  readonly platform: Platform;
  readonly start: () => Promise<RunningStore>;
}

type Start = StoreKind['start'];

const starts: readonly [name: string, start: Start][] = [
  ['memory', async () => ({ choice: { adapter: 'memory' }, stop: async () => {} })],
  ['file', startFolder],
  ['memcached', startMemcachedStore],
  ['redis', startRedisStore],
  ['redis with a node-redis of the application', startNodeRedisStore],
  ...databaseKinds.map((kind): [string, Start] => [kind.name, () => startDatabase(kind)]),
];

/** Every way in which an application can keep its sessions, for `describe.each`. */
export const storeKinds: readonly StoreKind[] = starts.map(([name, start], index) => ({
  name,
  start,
  platform: index % 2 === 0 ? 'express' : 'fastify',
}));

async function startDatabase(kind: DatabaseKind): Promise<RunningStore> {
  const { login, stop } = await kind.start();
  return { choice: { adapter: 'database', ...login }, stop };
}

async function startFolder(): Promise<RunningStore> {
  const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  return {
    choice: { adapter: 'file', path: join(folder, 'sessions') },
    stop: () => rm(folder, { recursive: true }),
  };
}

async function startMemcachedStore(): Promise<RunningStore> {
  const server = await startMemcached();
  return { choice: { adapter: 'memcached', port: server.port }, stop: () => server.stop() };
}

async function startRedisStore(): Promise<RunningStore> {
  const server = await startRedis();
  return { choice: { adapter: 'redis', port: server.port }, stop: () => server.stop() };
}

async function startNodeRedisStore(): Promise<RunningStore> {
  const server = await startRedis();
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } });
  client.on('error', () => {});
  await client.connect();
  return {
    choice: { adapter: 'redis', client },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
}
