import { afterAll, beforeAll, describe } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { type ExpressStore, fromExpressStore } from 'nestjs-session-bag/express-session';
import { describeSessionAdapter } from 'nestjs-session-bag/testing';
import { Pool } from 'pg';
import { createClient } from 'redis';
import createFileStore from 'session-file-store';
import { endPool } from '../support/end-pool.js';
import { itTogether } from '../support/it-together.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';

const STARTING = 60_000;

const PgStore = connectPgSimple(session);
const FileStore = createFileStore(session);

describe('fromExpressStore', () => {
  const releases: (() => Promise<unknown>)[] = [];
  let onRedis: ExpressStore;
  let onPostgres: ExpressStore;
  let onFiles: ExpressStore;

  beforeAll(async () => {
    [onRedis, onPostgres, onFiles] = await Promise.all([
      openRedisStore(),
      openPgStore(),
      openFileStore(),
    ]);
  }, STARTING);
  afterAll(async () => {
    for (const release of releases.toReversed()) await release();
  });

  const options = { describe, it: itTogether(), limits: ['one-process'] } as const;
  const inMemory = new session.MemoryStore();
  describeSessionAdapter('MemoryStore', () => fromExpressStore(inMemory), options);
  describeSessionAdapter('connect-redis', () => fromExpressStore(onRedis), options);
  describeSessionAdapter('connect-pg-simple', () => fromExpressStore(onPostgres), options);
  describeSessionAdapter('session-file-store', () => fromExpressStore(onFiles), options);
  describeSessionAdapter(
    'a store without touch',
    () => fromExpressStore(withoutTouch(inMemory)),
    options,
  );

  async function openRedisStore(): Promise<ExpressStore> {
    const server = await startRedis();
    releases.push(() => server.stop());
    const client = createClient({ socket: { host: '127.0.0.1', port: server.port } });
    await client.connect();
    releases.push(async () => client.destroy());
    return new RedisStore({ client });
  }

  async function openPgStore(): Promise<ExpressStore> {
    const server = await startPostgres();
    releases.push(() => server.stop());
    const pool = new Pool(postgresConnection(server.port));
    releases.push(() => endPool(pool));
    return new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  }

  async function openFileStore(): Promise<ExpressStore> {
    const path = await mkdtemp(join(tmpdir(), 'session-file-store-'));
    releases.push(() => rm(path, { recursive: true }));
    return new FileStore({ path, retries: 0, reapInterval: -1, logFn: () => {} });
  }
});

function withoutTouch(store: ExpressStore): ExpressStore {
  return {
    get: (sid, callback) => store.get(sid, callback),
    set: (sid, stored, callback) => store.set(sid, stored, callback),
    destroy: (sid, callback) => store.destroy(sid, callback),
  };
}
