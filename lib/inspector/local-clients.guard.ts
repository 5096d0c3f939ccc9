import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';

/** What Express' requests and Fastify's have in common. */
interface RequestLike {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const LOOPBACK = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/;
const LOCAL_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
/** Whoever comes through a proxy on this machine is not on this machine for that. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Lets in who asks from the machine itself, under its own name: a page of another site whose name was
 * made to lead here does not.
 */
@Injectable()
export class LocalClientsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers, socket } = context.switchToHttp().getRequest<RequestLike>();
    if (!LOOPBACK.test(socket.remoteAddress ?? '')) return false;
    if (PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false;
    return LOCAL_HOST.test(String(headers['host'] ?? ''));
  }
}
