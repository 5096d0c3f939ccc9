import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';

/** What Express' requests and Fastify's have in common. */
interface RequestLike {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** Fastify has the request of Node.js behind its own. */
  readonly raw?: { readonly httpVersion: string };
  readonly httpVersion?: string;
}

const LOOPBACK = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/;
const LOCAL_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
/** Whoever comes through a proxy on this machine is not on this machine for that. */
const PROXY_HEADER = /^(?:x-forwarded-.+|forwarded|x-real-ip|via)$/;

/**
 * Lets in who asks from the machine itself, under its own name, and not on behalf of a page of another
 * origin: neither one whose name was made to lead here, nor one that CORS would let read the answer.
 */
@Injectable()
export class LocalClientsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<RequestLike>();
    if (!LOOPBACK.test(request.socket.remoteAddress ?? '') || isProxied(request)) return false;
    const { host = '', origin } = request.headers;
    return LOCAL_HOST.test(String(host)) && (origin === undefined || isOrigin(origin, host));
  }
}

/** No browser speaks HTTP/1.0; nginx does, which says nothing else of itself unless it is told to. */
function isProxied({ headers, httpVersion, raw }: RequestLike): boolean {
  if ((raw?.httpVersion ?? httpVersion) === '1.0') return true;
  return Object.keys(headers).some((name) => PROXY_HEADER.test(name));
}

function isOrigin(origin: string | string[], host: string | string[]): boolean {
  return String(origin).replace(/^https?:\/\//, '') === host;
}
