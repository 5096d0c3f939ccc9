import type { ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';
import type { Next } from './install-middleware.js';

type ExchangeOf = (response: ServerResponse) => ActiveExchange | undefined;
type Middleware = (request: unknown, response: ServerResponse, next: Next) => unknown;
type Registering = (path: string, callback: Function) => unknown;

interface FastifyReplyLike {
  readonly raw: ServerResponse;
}

interface FastifyLike {
  addHook(name: 'onRoute', hook: (route: { handler: Function }) => void): unknown;
}

/**
 * Leads requests back to their own exchange, before Nest's middleware and after each of it; on Express
 * the routes come next. Middleware may go on in a callback of what another request has opened, as
 * drivers do whose connections stand in a pool: all that follows would be within that request, and
 * have its session. To be called before Nest registers its middleware, and after main.ts has.
 */
export function enterMiddleware(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  enterNestMiddleware(adapter, exchangeOf);
  if (adapter.getType() !== 'fastify') enterOnExpress(adapter, exchangeOf);
}

/**
 * The same on Fastify, before the handlers of routes, of errors and of what is not found: until these
 * run, hooks of any plugin may lead elsewhere. To be called before there are routes.
 */
export function enterHandlers(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  if (adapter.getType() !== 'fastify') return;
  adapter.getInstance<FastifyLike>().addHook('onRoute', (route) => {
    route.handler = entered(route.handler, exchangeOf);
  });
  for (const name of ['setErrorHandler', 'setNotFoundHandler'] as const) {
    const usual: Function = adapter[name].bind(adapter);
    adapter[name] = (handler: Function, ...rest: unknown[]) =>
      Reflect.apply(usual, adapter, [entered(handler, exchangeOf), ...rest]) as unknown;
  }
}

/** A handler of Fastify's, which has the reply as its last argument. */
function entered(handler: Function, exchangeOf: ExchangeOf): Function {
  return function (this: unknown, ...args: unknown[]): unknown {
    const { raw } = args.at(-1) as FastifyReplyLike;
    return within(exchangeOf(raw), (): unknown => Reflect.apply(handler, this, args));
  };
}

function enterOnExpress(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
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
