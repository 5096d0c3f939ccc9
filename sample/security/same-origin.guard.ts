import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
} from '@nestjs/common';

const SAFE_METHODS: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS'];

/** What both platforms have on a request. */
interface SentRequest {
  readonly method: string;
  readonly headers: { readonly origin?: string; readonly host?: string };
}

/**
 * No other site posts a form in a visitor's name. Every browser says where a form came from, so no
 * token is needed, which would begin a session for everybody who only looks at a form; and a form
 * in an old tab still works after a login.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    // A WebSocket was asked for its origin as it was opened.
    if (context.getType() === 'ws') return true;
    const { method, headers } = context.switchToHttp().getRequest<SentRequest>();
    if (SAFE_METHODS.includes(method) || isSameOrigin(headers)) return true;
    throw new ForbiddenException('This form was sent from elsewhere, so nothing was done.');
  }
}

export function isSameOrigin({ origin, host }: SentRequest['headers']): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
