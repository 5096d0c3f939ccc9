import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import { isStoreTimeout } from '../store-timeout.js';
import { checkAddress, parseServer, type ServerAddress } from './server-address.js';

/**
 * One server by `host` and `port`, or several by `servers`.
 *
 * @publicApi
 */
export interface MemcachedAdapterOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 11211 */
  readonly port?: number;
  /**
   * Several servers, each `'host'`, `'host:port'`, `'[::1]:11211'` or an object. A record lives on
   * one of them; while that one is down, its sessions are unavailable.
   */
  readonly servers?: readonly (string | { readonly host: string; readonly port?: number })[];
  /** For SASL (PLAIN), together with `password`. */
  readonly username?: string;
  readonly password?: string;
  /** Accepted as in Phalcon; connections are always kept. */
  readonly persistent?: boolean;
  /**
   * Milliseconds within which every call settles.
   *
   * @default 2000
   */
  readonly storeTimeout?: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The options, complete and checked. */
export interface MemcachedSettings {
  readonly addresses: readonly ServerAddress[];
  readonly credentials: Credentials | undefined;
  readonly storeTimeout: number;
}

/** @throws InvalidSessionOptionsException naming the option and its cure */
export function memcachedSettings(options: MemcachedAdapterOptions): MemcachedSettings {
  const { persistent = true } = options;
  if (typeof persistent !== 'boolean') throw invalid('persistent', 'must be true or false');
  return {
    addresses: addressesOf(options),
    credentials: credentialsOf(options),
    storeTimeout: checkTimeout(options.storeTimeout),
  };
}

function addressesOf({ host, port, servers }: MemcachedAdapterOptions): readonly ServerAddress[] {
  if (servers === undefined) return [checkAddress(host ?? '127.0.0.1', port)];
  if (host !== undefined || port !== undefined) {
    throw invalid('servers', 'takes the place of `host` and `port`; leave those two out');
  }
  if (!Array.isArray(servers) || servers.length === 0) {
    throw invalid('servers', 'must be a list of at least one server');
  }
  const addresses = servers.map(parseServer);
  if (new Set(addresses.map(({ host: name, port: at }) => `${name} ${at}`)).size < servers.length) {
    throw invalid('servers', 'names one server twice; leave one of them out');
  }
  return addresses;
}

function credentialsOf(options: MemcachedAdapterOptions): Credentials | undefined {
  const { username, password } = options;
  if (username === undefined && password === undefined) return undefined;
  if (isText(username) && isText(password)) return { username, password };
  throw isText(username)
    ? invalid('password', 'is missing: `username` and `password` go together')
    : invalid('username', 'is missing: `username` and `password` go together');
}

/** NUL divides the two on their way to the server. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function checkTimeout(milliseconds = 2000): number {
  if (isStoreTimeout(milliseconds)) return milliseconds;
  throw invalid('storeTimeout', 'must be a number of milliseconds above 0, such as 2000');
}

function invalid(option: keyof MemcachedAdapterOptions, cure: string) {
  return new InvalidSessionOptionsException(`The option \`${option}\` ${cure}.`);
}
