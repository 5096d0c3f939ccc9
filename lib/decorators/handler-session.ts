import type { ExecutionContext } from '@nestjs/common';
import { SessionContextException } from '../exceptions/session.exceptions.js';
import { currentSession, exchangeStorage } from '../session.context.js';
import type { SessionService } from '../session.service.js';

/**
 * The session of a handler's request, perhaps not started yet. Decorators need no provider, so at
 * boot nobody has noticed where the module is missing, or that of another copy of this package.
 *
 * @param decorator how it is written, for the error
 * @throws SessionContextException
 */
export function handlerSession(context: ExecutionContext, decorator: string): SessionService {
  if (exchangeStorage.getStore() !== undefined || context.getType() !== 'http') {
    return currentSession();
  }
  throw new SessionContextException(
    `${decorator} needs SessionModule, and this request has no session without it. Add ` +
      'SessionModule.forRoot() to the imports of the root module. Where it is there already, the ' +
      'package is installed twice: see npm ls nestjs-session-bag.',
  );
}
