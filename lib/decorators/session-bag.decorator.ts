import { createParamDecorator } from '@nestjs/common';
import { currentSession } from '../session.context.js';

/**
 * Starts the session and hands the bag of that name to the handler. The controller stays a
 * singleton.
 *
 * @param name the bag's name
 * @publicApi
 */
export const SessionBag: (name: string) => ParameterDecorator = createParamDecorator(
  async (name: string) => {
    const session = await currentSession().start();
    return session.bag(name);
  },
);
