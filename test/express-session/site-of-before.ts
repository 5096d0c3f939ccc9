import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { Pool } from 'pg';
import { createClient } from 'redis';
import createFileStore from 'session-file-store';
import { Client } from '../support/client.js';
import { endPool } from '../support/end-pool.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';

export const secret = 'the secret of before';
export const oldVariables = { passport: { user: 'kimbra' }, cart: ['apple'], views: 3 };
export const oldStoreNames = [
  'MemoryStore',
  'connect-redis',
  'connect-pg-simple',
  'session-file-store',
] as const;

/** The stores that the application of before may have had, on real servers. */
export class OldStores {
  /** `stop()` them afterwards. */
  static async start(): Promise<OldStores> {
    const [redis, postgres, path] = await Promise.all([
      startRedis(),
      startPostgres(),
      mkdtemp(join(tmpdir(), 'connect-sid-')),
    ]);
    const client = createClient({ socket: { host: '127.0.0.1', port: redis.port } });
    await client.connect();
    const pool = new Pool(postgresConnection(postgres.port));
    const PgStore = connectPgSimple(session);
    const FileStore = createFileStore(session);
    const stores: Record<(typeof oldStoreNames)[number], session.Store> = {
      MemoryStore: new session.MemoryStore().setMaxListeners(0),
      'connect-redis': new RedisStore({ client }),
      'connect-pg-simple': new PgStore({
        pool,
        createTableIfMissing: true,
        pruneSessionInterval: false,
      }),
      'session-file-store': new FileStore({
        path,
        retries: 0,
        reapInterval: -1,
        logFn: () => {},
      }),
    };
    return new OldStores(stores, async () => {
      client.destroy();
      await endPool(pool);
      await Promise.all([postgres.stop(), redis.stop()]);
      await rm(path, { recursive: true });
    });
  }

  private constructor(
    readonly named: Readonly<Record<(typeof oldStoreNames)[number], session.Store>>,
    readonly stop: () => Promise<void>,
  ) {}
}

/** The cookie that a browser has from the application of before. */
export async function visitBefore(
  store: session.Store,
  options: Partial<session.SessionOptions> = {},
): Promise<[string, string]> {
  const app = express();
  app.use(session({ secret, resave: false, saveUninitialized: false, ...options, store }));
  app.get('/', (request, response) => {
    Object.assign(request.session, oldVariables);
    response.end();
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await client.get('/');
    const [cookie] = client.cookies;
    if (cookie === undefined) throw new Error('express-session has set no cookie.');
    return cookie;
  } finally {
    server.close();
  }
}

/** Whether the session of that cookie is gone from the store. */
export function hasEnded(
  store: session.Store,
  [, value]: readonly [string, string],
): Promise<boolean> {
  const sid = /^s:(.+)\./.exec(decodeURIComponent(value))?.[1] ?? '';
  return new Promise((resolve) => store.get(sid, (_, found) => resolve(!found)));
}
