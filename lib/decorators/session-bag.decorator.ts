import { createParamDecorator } from '@nestjs/common';
import { handlerSession } from './handler-session.js';

/**
 * Starts the session and hands the bag of that name to the handler. The controller stays a
 * singleton.
 *
 * @param name the bag's name
 * @throws TypeError for a name that is no string, or empty
 * @publicApi
 */
export function SessionBag(name: string): ParameterDecorator {
  if (typeof name === 'string' && name !== '') return handedBag(name);
  throw new TypeError('@SessionBag() takes the name of a bag: a string that is not empty.');
}

const handedBag = createParamDecorator((name: string, context) => {
  const session = handlerSession(context, '@SessionBag()');
  return session.isStarted ? session.bag(name) : session.start().then(() => session.bag(name));
});
