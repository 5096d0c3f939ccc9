import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';
import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';
import { withDependents, wrappersOf } from './injection-graph.js';
import { SessionService } from './session.service.js';

/** What the decorator of gateways notes on their classes. */
const IS_GATEWAY = 'websockets:is_gateway';

/**
 * Nest keeps what a gateway has injected for as long as a socket is connected, while each message has
 * a session of its own.
 *
 * @throws InvalidSessionOptionsException when a gateway gets SessionService injected, at any depth
 */
export function refuseSessionsInGateways(modules: ModulesContainer): void {
  const wrappers = wrappersOf(modules);
  if (!wrappers.some(({ metatype }) => isGateway(metatype))) return;
  const sessions = wrappers.filter(({ token }) => token === SessionService);
  for (const { metatype } of withDependents(sessions, wrappers)) {
    if (!isGateway(metatype)) continue;
    throw new InvalidSessionOptionsException(
      `The gateway ${metatype.name} has SessionService injected, itself or through what it injects. ` +
        'A gateway stays as long as its sockets, and each message has its own session. Inject ' +
        'SessionContext, or take a @SessionBag() parameter.',
    );
  }
}

function isGateway(metatype: unknown): metatype is Function {
  return typeof metatype === 'function' && Reflect.hasMetadata(IS_GATEWAY, metatype);
}
