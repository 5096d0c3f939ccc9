import { Scope } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';
import { isGatewayClass } from './gateways/gateway-class.js';
import { withDependents, withInjectors, type Wrapper, wrappersOf } from './injection-graph.js';
import { SessionService } from './session.service.js';

/**
 * Nest keeps a gateway, and what it has injected, for as long as a socket is connected, and a durable
 * provider for all requests of a tenant: the session of one request would serve others.
 *
 * @throws InvalidSessionOptionsException when one of them gets SessionService injected, at any depth
 */
export function refuseKeptSessions(modules: ModulesContainer): void {
  const wrappers = wrappersOf(modules);
  const sessions = wrappers.filter(({ token }) => token === SessionService);
  if (wrappers.some(isGateway)) {
    const gateway = Array.from(withDependents(sessions, wrappers)).find(isGateway);
    if (gateway) throw inGateway(gateway);
  }
  if (wrappers.some(isDurable)) {
    const durable = Array.from(withInjectors(sessions, wrappers)).find(isDurable);
    if (durable) throw inDurable(durable);
  }
}

function isGateway({ metatype }: Wrapper): boolean {
  return isGatewayClass(metatype);
}

/** Nest looks at it on request-scoped providers only. */
function isDurable({ scope, durable }: Wrapper): boolean {
  return scope === Scope.REQUEST && durable === true;
}

function inGateway({ name }: Wrapper): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `The gateway ${String(name)} has SessionService injected, itself or through what it injects. ` +
      'A gateway stays as long as its sockets, and each message has its own session. Inject ' +
      'SessionContext, or take a @SessionBag() parameter.',
  );
}

function inDurable({ name }: Wrapper): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `${String(name)} is durable and has SessionService injected, itself or through what it ` +
      "injects. What is durable serves all requests of a tenant, with the first visitor's session. " +
      'Inject SessionContext there, which gives the session of each request.',
  );
}
