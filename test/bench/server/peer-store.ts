import session from 'express-session';
import connectMemcached from 'connect-memcached';
import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import { Pool } from 'pg';
import { createClient } from 'redis';
import createFileStore from 'session-file-store';
import { postgresConnection } from '../../support/postgres-server.js';
import type { StoreAddress } from '../variants.js';

/** The peer's store as its README sets it up; undefined for the library's own, in memory. */
export async function createPeerStore({
  name,
  port,
  path,
}: StoreAddress): Promise<session.Store | undefined> {
  switch (name) {
    case 'memory':
      return undefined;
    case 'redis': {
      const client = createClient({ url: `redis://127.0.0.1:${port}` });
      await client.connect();
      return new RedisStore({ client, prefix: 'peer:' });
    }
    case 'memcached':
      return new (connectMemcached(session))({ hosts: [`127.0.0.1:${port}`] });
    case 'file':
      return new (createFileStore(session))({ path, logFn: () => {} });
    default: {
      const pool = new Pool(postgresConnection(port));
      return new (connectPgSimple(session))({ pool, createTableIfMissing: true });
    }
  }
}
