import type { ConnectionOptions } from 'node:tls';
import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import { isStoreTimeout } from '../store-timeout.js';
import { isIoredis, isNodeRedis, type RedisClient } from './redis-client.js';

/**
 * Where the server is: an address, a `url`, or a `client`.
 *
 * @publicApi
 */
export interface RedisAdapterOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 6379 */
  readonly port?: number;
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS; instead of host and port. */
  readonly url?: string;
  readonly username?: string;
  readonly password?: string;
  /** @default 0 */
  readonly db?: number;
  /** True, or what `tls.connect()` takes, for a connection over TLS. */
  readonly tls?: boolean | ConnectionOptions;
  /**
   * A client of the application's own, which is used and never closed: ioredis (`Redis`, `Cluster`)
   * or node-redis (`createClient`, `createCluster`, `createSentinel`; connected).
   */
  readonly client?: RedisClient;
  /**
   * Milliseconds for one call.
   *
   * @default 2000
   */
  readonly storeTimeout?: number;
}

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: ConnectionOptions;
}

/** The options, complete and checked. */
export interface RedisSettings {
  readonly client: RedisClient | undefined;
  readonly address: RedisAddress;
  readonly storeTimeout: number;
}

/** @throws InvalidSessionOptionsException naming the option and the cure */
export function redisSettings(options: RedisAdapterOptions): RedisSettings {
  return {
    client: checkClient(options),
    address: addressOf(options),
    storeTimeout: checkStoreTimeout(options.storeTimeout),
  };
}

function checkClient(options: RedisAdapterOptions): RedisClient | undefined {
  const { client } = options;
  if (client === undefined) return undefined;
  refuseTogether('client', options, ['host', 'port', 'url', 'username', 'password', 'db', 'tls']);
  if (typeof client === 'object' && client !== null) {
    if (isIoredis(client) || isNodeRedis(client)) return client;
  }
  throw invalid('client must be a client of ioredis or of node-redis.');
}

/** An option beside the url overrides what the url says. */
function addressOf(options: RedisAdapterOptions): RedisAddress {
  if (options.url !== undefined) refuseTogether('url', options, ['host', 'port']);
  const parts = options.url === undefined ? {} : partsOf(options.url);
  return {
    host: checkHost(options.host ?? parts.host ?? '127.0.0.1'),
    port: checkPort(options.port ?? parts.port ?? 6379),
    username: checkText('username', options.username ?? parts.username),
    password: checkText('password', options.password ?? parts.password),
    db: checkDb(options.db ?? parts.db ?? 0),
    tls: tlsOf(options.tls) ?? parts.tls,
  };
}

function checkStoreTimeout(milliseconds = 2000): number {
  if (isStoreTimeout(milliseconds)) return milliseconds;
  throw invalid('storeTimeout must be a number of milliseconds above 0, such as 2000.');
}

/** The url itself stays out of every message: it may hold the password. */
function partsOf(text: string): Partial<RedisAddress> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || !url.hostname) throw invalidUrl();
  if (url.search) {
    throw invalid('url has a part after "?", which is not read. Remove it and set the options.');
  }
  const path = url.pathname.slice(1);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : undefined,
    username: decoded(url.username),
    password: decoded(url.password),
    db: path ? Number(path) : undefined,
    tls: url.protocol === 'rediss:' ? {} : undefined,
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch {
    throw invalidUrl();
  }
}

function refuseTogether(
  option: string,
  options: RedisAdapterOptions,
  others: readonly (keyof RedisAdapterOptions)[],
): void {
  const other = others.find((name) => options[name] !== undefined);
  if (other) throw invalid(`${option} and ${other} exclude each other. Remove one of them.`);
}

function checkHost(host: string): string {
  if (typeof host === 'string' && host.trim()) return host;
  throw invalid('host must not be empty. Give the name or the address of the server.');
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw invalid('port must be a whole number from 1 to 65535, such as 6379.');
}

function checkText(option: 'username' | 'password', text?: string): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw invalid(`${option} must be a string.`);
}

function checkDb(db: number): number {
  if (Number.isInteger(db) && db >= 0) return db;
  throw invalid('db must be a whole number, 0 or more.');
}

function tlsOf(tls: RedisAdapterOptions['tls']): ConnectionOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if (typeof tls === 'object' && tls !== null) return tls;
  throw invalid('tls must be true, or an object of what tls.connect() takes.');
}

function invalid(sentence: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(`Redis adapter: ${sentence}`);
}

function invalidUrl(): InvalidSessionOptionsException {
  return invalid(
    'url must look like redis://user:password@host:6379/0, or begin with rediss:// for TLS, with ' +
      'special characters of the password as %XX.',
  );
}
