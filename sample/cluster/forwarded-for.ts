import type { IncomingMessage } from 'node:http';

const THIS_MACHINE = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/;

/**
 * The header that says who asks, which the processes cannot see, and that there is a proxy. Who asks
 * from this machine is to them what the balancer is, and needs none: the inspector opens for nobody
 * else. With HTTP/1.0 it may be another proxy that says nothing of itself.
 */
export function forwardedFor({
  socket,
  httpVersion,
}: Pick<IncomingMessage, 'httpVersion'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
}): string[] {
  const { remoteAddress = 'unknown' } = socket;
  const isFromHere = THIS_MACHINE.test(remoteAddress) && httpVersion !== '1.0';
  return isFromHere ? [] : ['X-Forwarded-For', remoteAddress];
}
