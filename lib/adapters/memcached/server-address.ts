import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';

const DEFAULT_PORT = 11211;

/** Without what belongs to a URL, a login or a file: `memcached://h`, `user:pass@h`, `/run/sock`. */
const HOST = /^[^\s/@[\]]+$/;
const HOST_AND_PORT = /^([^:]*):(\d+)$/;
const BRACKETED = /^\[([^\]]*)\](?::(\d+))?$/;

/** Where one server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `'host'`, `'host:port'`, `'[::1]:11211'`, a bare IPv6 address or `{ host, port }`.
 *
 * @throws InvalidSessionOptionsException for anything else
 */
export function parseServer(server: string | { host: string; port?: number }): ServerAddress {
  if (typeof server === 'string') return checkAddress(...splitServer(server), 'servers');
  if (typeof server === 'object' && server !== null) {
    const { host, port, ...others } = server;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw unknownKey(unknown);
    return checkAddress(host, port, 'servers');
  }
  throw invalidHost('servers');
}

/** @throws InvalidSessionOptionsException naming the option */
export function checkAddress(
  host: string,
  port = DEFAULT_PORT,
  option: 'host' | 'servers' = 'host',
): ServerAddress {
  if (typeof host !== 'string' || !HOST.test(host)) throw invalidHost(option);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidSessionOptionsException(
      `The port in the option \`${option === 'host' ? 'port' : option}\` must be a whole number ` +
        'from 1 to 65535, such as 11211.',
    );
  }
  return { host, port };
}

function splitServer(server: string): [host: string, port: number | undefined] {
  const [, host = server, port] = BRACKETED.exec(server) ?? HOST_AND_PORT.exec(server) ?? [];
  return [host, port === undefined ? undefined : Number(port)];
}

function unknownKey(name: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `A server in the option \`servers\` has host and port, and no "${name}". Remove it; a login goes ` +
      'into `username` and `password`.',
  );
}

function invalidHost(option: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `The option \`${option}\` must name hosts as 'host', 'host:port', '[::1]:11211' or ` +
      '{ host, port }, without a scheme, a path or a login; the login goes into `username` and ' +
      '`password`.',
  );
}
