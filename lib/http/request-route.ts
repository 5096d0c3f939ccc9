import type { IncomingMessage } from 'node:http';

/** What the routers leave on a request: Express on Node's own, Fastify on its own around it. */
interface Routed {
  readonly route?: { readonly path?: unknown };
  readonly routeOptions?: { readonly url?: unknown };
}

/**
 * How a log names a request: its method, and the pattern of its route where one was found. Never the
 * path that it came with, in which there may be ids and tokens.
 *
 * @param asPlatformHasIt the same request, where the platform has one around it
 */
export function requestRoute({ method = '' }: IncomingMessage, asPlatformHasIt: object): string {
  const { route, routeOptions } = asPlatformHasIt as Routed;
  const pattern = route?.path ?? routeOptions?.url;
  return typeof pattern === 'string' ? `${method} ${pattern}` : `a ${method} request`;
}
