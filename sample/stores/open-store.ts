import { mkdir } from 'node:fs/promises';
import {
  createSessionAdapter,
  type SessionAdapter,
  type SessionModuleOptions,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';

interface Choice {
  /** Where it is, unless SESSION_STORE_URL names another place. */
  readonly url: string;
  readonly open: (url: string) => Promise<SessionAdapter>;
  /** How to start a server. */
  readonly start?: string;
}

const CHOICES: Readonly<Record<string, Choice>> = {
  memory: { url: '', open: () => createSessionAdapter({ adapter: 'memory' }) },
  file: { url: '.sessions/files', open: (path) => createSessionAdapter({ adapter: 'file', path }) },
  redis: {
    url: 'redis://127.0.0.1:6379',
    open: (url) => createSessionAdapter({ adapter: 'redis', url }),
    start: 'docker compose up -d redis" or "redis-server',
  },
  memcached: {
    url: 'memcached://127.0.0.1:11211',
    open: (url) => createSessionAdapter(memcachedAt(new URL(url))),
    start: 'docker compose up -d memcached" or "memcached',
  },
  database: {
    url: 'postgres://shop:shop@127.0.0.1:5432/shop',
    open: (url) => createSessionAdapter(databaseAt(url)),
    start: 'docker compose up -d postgres',
  },
  sqlite: { url: '.sessions/sample.sqlite', open: openSqlite },
};

/**
 * The store that both applications share.
 *
 * @param env `SESSION_ADAPTER` chooses it, `SESSION_STORE_URL` says where it is
 * @throws Error with one sentence for whoever starts the sample
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<SessionAdapter> {
  const { SESSION_ADAPTER: name = 'memory', SESSION_STORE_URL } = env;
  const choice = CHOICES[name];
  if (choice === undefined) {
    throw new Error(`SESSION_ADAPTER is one of ${Object.keys(CHOICES).join(', ')}.`);
  }
  const url = SESSION_STORE_URL ?? choice.url;
  try {
    return await choice.open(url);
  } catch (error) {
    if (!(error instanceof SessionStoreUnavailableException) || !choice.start) throw error;
    throw new Error(
      `No ${name} server can be used at ${new URL(url).host}: start one with "${choice.start}", ` +
        'or name another in SESSION_STORE_URL.',
      { cause: error },
    );
  }
}

function memcachedAt({ hostname, port }: URL): SessionModuleOptions {
  return { adapter: 'memcached', host: hostname, port: Number(port || 11211) };
}

function databaseAt(url: string): SessionModuleOptions {
  const client = url.startsWith('postgres') ? 'pg' : 'mysql2';
  return { adapter: 'database', client, connection: url };
}

/** An adapter of the sample's own. Imported on choice, so that others need no native package. */
async function openSqlite(path: string): Promise<SessionAdapter> {
  const { SqliteAdapter } = await import('./sqlite.adapter.js');
  await mkdir('.sessions', { recursive: true });
  return new SqliteAdapter(path);
}
