import {
  type CanActivate,
  type ExecutionContext,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { handlerSession } from './handler-session.js';

/** The `code` in the body of the 401 that `@RequireRecentLogin` answers. */
export const RECENT_LOGIN_REQUIRED = 'RECENT_LOGIN_REQUIRED';

/**
 * Answers 401 with the code `RECENT_LOGIN_REQUIRED` unless somebody has logged in to the session
 * within the last `seconds`.
 *
 * @param seconds finite, above 0
 * @throws RangeError
 * @publicApi
 */
export function RequireRecentLogin(seconds: number): MethodDecorator & ClassDecorator {
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new RangeError(
      '@RequireRecentLogin() takes the seconds since the login: a finite number above 0.',
    );
  }
  return UseGuards(new RecentLoginGuard(seconds));
}

class RecentLoginGuard implements CanActivate {
  constructor(private readonly seconds: number) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { loggedInAt } = await handlerSession(context, '@RequireRecentLogin()').start();
    // The clocks of several processes may differ a little, so a login may seem to lie ahead.
    const age = loggedInAt && Math.abs(Date.now() - loggedInAt.getTime());
    if (age !== undefined && age <= this.seconds * 1000) return true;
    // Over a socket there is no status to answer: Nest says that it is forbidden.
    if (context.getType() === 'ws') return false;
    throw new UnauthorizedException({
      statusCode: 401,
      error: 'Unauthorized',
      message: 'This needs a recent login.',
      code: RECENT_LOGIN_REQUIRED,
    });
  }
}
