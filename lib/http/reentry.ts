import type { ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';
import type { Next } from './install-middleware.js';

type ExchangeOf = (response: ServerResponse) => ActiveExchange | undefined;
type Middleware = (request: unknown, response: ServerResponse, next: Next) => unknown;
type Registering = (path: string, callback: Function) => unknown;

interface FastifyLike {
  addHook(
    name: 'preValidation',
    hook: (request: unknown, reply: { readonly raw: ServerResponse }, done: Next) => void,
  ): unknown;
}

/**
 * Leads requests back to their own exchange, before Nest's middleware, after each of it, and before
 * the first guard. Middleware may go on in a callback of what another request has opened, as drivers
 * do whose connections stand in a pool: all that follows would be within that request, and have its
 * session. To be called before Nest registers its middleware, and after main.ts has.
 */
export function enterAgain(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  enterNestMiddleware(adapter, exchangeOf);
  if (adapter.getType() === 'fastify') {
    adapter
      .getInstance<FastifyLike>()
      .addHook('preValidation', (_, reply, done) => within(exchangeOf(reply.raw), done));
    return;
  }
  adapter.use((_: unknown, response: ServerResponse, next: Next) =>
    within(exchangeOf(response), next),
  );
  adapter.use((error: unknown, _: unknown, response: ServerResponse, next: Next) =>
    within(exchangeOf(response), () => next(error)),
  );
}

function within<T>(exchange: ActiveExchange | undefined, work: () => T): T {
  if (exchange === undefined || exchangeStorage.getStore() === exchange) return work();
  return exchangeStorage.run(exchange, work);
}

function enterNestMiddleware(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  const usual = adapter.createMiddlewareFactory.bind(adapter);
  adapter.createMiddlewareFactory = async (method) => {
    const register = (await usual(method)) as Registering;
    return (path: string, callback: Function) =>
      register(path, entering(callback as Middleware, exchangeOf));
  };
}

function entering(middleware: Middleware, exchangeOf: ExchangeOf): Middleware {
  return (request, response, next) => {
    const exchange = exchangeOf(response);
    const goOn: Next = (error) => within(exchange, () => next(error));
    return within(exchange, () => middleware(request, response, goOn));
  };
}
