import { createParamDecorator } from '@nestjs/common';
import { handlerSession } from './handler-session.js';

/**
 * Starts the session and hands the bag of that name to the handler. The controller stays a
 * singleton.
 *
 * @param name the bag's name
 * @publicApi
 */
export const SessionBag: (name: string) => ParameterDecorator = createParamDecorator(
  (name: string, context) => {
    const session = handlerSession(context, '@SessionBag()');
    return session.isStarted ? session.bag(name) : session.start().then(() => session.bag(name));
  },
);
