import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  createSessionAdapter,
  type SessionAdapter,
  type SessionModuleOptions,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { readSettings } from '../settings.js';

interface Choice {
  /** Where it is, unless SESSION_STORE_URL names another place. */
  readonly url: string;
  readonly open: (url: string) => Promise<SessionAdapter>;
  /** Of a server: what its URL begins with, and how to start one. */
  readonly server?: Readonly<Record<string, string>>;
}

const START_REDIS = 'docker compose up -d redis" or "redis-server';
const START_MEMCACHED = 'docker compose up -d memcached" or "memcached';
const START_POSTGRES = 'docker compose up -d postgres';
const START_MARIADB = 'docker compose up -d mariadb';

const CHOICES: Readonly<Record<string, Choice>> = {
  memory: { url: '', open: () => createSessionAdapter({ adapter: 'memory' }) },
  file: { url: '.sessions/files', open: (path) => createSessionAdapter({ adapter: 'file', path }) },
  redis: {
    url: 'redis://127.0.0.1:6379',
    open: (url) => createSessionAdapter({ adapter: 'redis', url }),
    server: { 'redis:': START_REDIS, 'rediss:': START_REDIS },
  },
  memcached: {
    url: 'memcached://127.0.0.1:11211',
    open: (url) => createSessionAdapter(memcachedAt(new URL(url))),
    server: { 'memcached:': START_MEMCACHED },
  },
  database: {
    url: 'postgres://shop:shop@127.0.0.1:5432/shop',
    open: (url) => createSessionAdapter(databaseAt(url)),
    server: {
      'postgres:': START_POSTGRES,
      'postgresql:': START_POSTGRES,
      'mysql:': START_MARIADB,
      'mariadb:': START_MARIADB,
    },
  },
  sqlite: { url: '.sessions/sample.sqlite', open: openSqlite },
};

/** What SESSION_ADAPTER may be. */
export const STORE_NAMES: readonly string[] = Object.keys(CHOICES);

/**
 * The store that both applications share.
 *
 * @param env `SESSION_ADAPTER` chooses it, `SESSION_STORE_URL` says where it is
 * @throws Error with one sentence for whoever starts the sample
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<SessionAdapter> {
  const { storeName: name } = readSettings(env);
  const choice = Object.hasOwn(CHOICES, name) ? CHOICES[name] : undefined;
  if (choice === undefined) {
    throw new Error(`SESSION_ADAPTER is one of ${STORE_NAMES.join(', ')}.`);
  }
  const url = env['SESSION_STORE_URL'] || choice.url;
  assertUrl(name, choice, url);
  try {
    return await choice.open(url);
  } catch (cause) {
    throw new Error(sentence(name, choice, url, cause), { cause });
  }
}

/** The URL itself stays out of what is said: it may hold a password. */
function assertUrl(name: string, { server, url: example }: Choice, url: string): void {
  if (server === undefined) return;
  if (URL.canParse(url) && Object.hasOwn(server, new URL(url).protocol)) return;
  throw new Error(
    `SESSION_STORE_URL does not say where a ${name} server is: it looks like ${example}.`,
  );
}

function sentence(name: string, { server }: Choice, url: string, cause: unknown): string {
  if (server !== undefined && cause instanceof SessionStoreUnavailableException) {
    const { host, protocol } = new URL(url);
    return (
      `No ${name} server can be used at ${host}: start one with "${server[protocol]}", ` +
      'or name another in SESSION_STORE_URL.'
    );
  }
  const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
  return (
    `The store "${name}" cannot be opened: ${reason}. Mend that, or name another place in ` +
    'SESSION_STORE_URL.'
  );
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
  await mkdir(dirname(path), { recursive: true });
  return new SqliteAdapter(path);
}
