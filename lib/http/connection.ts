import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Logged once when a proxy says https and is not believed. */
export const UNTRUSTED_PROXY_HINT =
  'A request came with X-Forwarded-Proto: https, but the application does not trust its proxy, so ' +
  "that the session cookie is sent without Secure. Behind a proxy, call app.set('trust proxy', 1) on " +
  'Express, or give FastifyAdapter the option { trustProxy: true }.';

/**
 * A request as the platform has it: Node's own on Express, Fastify's around it. `protocol` is the
 * platform's word, which knows the trusted proxies.
 */
export interface PlatformRequest extends Pick<IncomingMessage, 'socket' | 'headers'> {
  readonly protocol?: string;
}

/** What says of a request whether it came over https. */
export interface ConnectedRequest {
  readonly headers: object;
  readonly socket: object;
}

/**
 * As `isSecure`, for the handshake of a socket. The platform has not seen that request, so it is
 * asked about one with the same headers and connection.
 */
export function isSecureHandshake(
  { headers, socket }: ConnectedRequest,
  platform: unknown,
): boolean {
  const prototype = requestPrototype(platform);
  if (prototype === undefined) return (socket as Partial<TLSSocket>).encrypted === true;
  const request = Object.create(prototype, {
    headers: { value: headers },
    socket: { value: socket },
    raw: { value: { headers, socket } },
  }) as PlatformRequest;
  return isSecure(request);
}

/** Whether the browser came over https. X-Forwarded-Proto counts where the platform trusts its sender. */
export function isSecure(request: PlatformRequest): boolean {
  const { protocol } = request;
  if (typeof protocol === 'string') return protocol === 'https';
  return (request.socket as Partial<TLSSocket>).encrypted === true;
}

/** Whether somebody says that the browser came over https, and is not believed. */
export function isUntrustedHttps(request: PlatformRequest): boolean {
  return !isSecure(request) && forwardedProtocol(request) === 'https';
}

/** The protocol of the first hop, the browser's own. */
function forwardedProtocol(request: PlatformRequest): string | undefined {
  const header = request.headers['x-forwarded-proto'];
  const first = String(header ?? '').split(',', 1)[0];
  return first?.trim().toLowerCase();
}

/** What the requests of an Express application, or of a Fastify instance, inherit from. */
function requestPrototype(platform: unknown): object | undefined {
  if (platform === undefined || platform === null) return undefined;
  const { request: ofExpress } = platform as { readonly request?: object };
  if (ofExpress !== undefined) return ofExpress;
  const symbol = Object.getOwnPropertySymbols(platform).find(
    ({ description }) => description === 'fastify.Request',
  );
  const ofFastify = symbol && (Reflect.get(platform, symbol) as { prototype: object });
  return ofFastify?.prototype;
}
