import type { SessionModuleOptions } from 'nestjs-session-bag';
import { postgresConnection } from '../../support/postgres-server.js';
import type { StoreAddress } from '../variants.js';

/** The defaults; only where the store is has to be said. */
export function ownOptions({ name, port, path }: StoreAddress): SessionModuleOptions {
  switch (name) {
    case 'memory':
      return { adapter: 'memory', maxSessions: 2_000_000 };
    case 'redis':
      return { adapter: 'redis', host: '127.0.0.1', port };
    case 'memcached':
      return { adapter: 'memcached', host: '127.0.0.1', port };
    case 'file':
      return { adapter: 'file', path };
    default:
      return { adapter: 'database', client: 'pg', connection: postgresConnection(port) };
  }
}
