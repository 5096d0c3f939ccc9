import 'reflect-metadata';
import type { CanActivate } from '@nestjs/common';
import { isGatewayClass } from './gateways/gateway-class.js';
import type { Wrapper } from './injection-graph.js';
import { currentSession, exchangeStorage } from './session.context.js';

/** Where Nest's decorator `@UseGuards` notes its guards on a class. */
const GUARDS = '__guards__';

/** One for all applications: what is noted on a class stays there. */
const startsSession: CanActivate = {
  async canActivate(): Promise<boolean> {
    if (exchangeStorage.getStore() !== undefined) await currentSession().start();
    return true;
  },
};

/** Has the session started before the first guard of these gateways. Nest 11 gives them no global one. */
export function guardGateways(wrappers: Iterable<Wrapper>): void {
  for (const { metatype } of wrappers) {
    if (!isGatewayClass(metatype)) continue;
    const guards = (Reflect.getMetadata(GUARDS, metatype) ?? []) as readonly unknown[];
    if (guards.includes(startsSession)) continue;
    Reflect.defineMetadata(GUARDS, [startsSession, ...guards], metatype);
  }
}
