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

type ErrorHandler = (error: unknown, request: unknown, reply: FastifyReplyLike) => unknown;

interface FastifyLike {
  addHook(
    name: 'preHandler',
    hook: (request: unknown, reply: FastifyReplyLike, done: Next) => void,
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
  if (adapter.getType() === 'fastify') enterOnFastify(adapter, exchangeOf);
  else enterOnExpress(adapter, exchangeOf);
}

function enterOnExpress(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  adapter.use((_: unknown, response: ServerResponse, next: Next) =>
    within(exchangeOf(response), next),
  );
  adapter.use((error: unknown, _: unknown, response: ServerResponse, next: Next) =>
    within(exchangeOf(response), () => next(error)),
  );
}

function enterOnFastify(adapter: AbstractHttpAdapter, exchangeOf: ExchangeOf): void {
  adapter
    .getInstance<FastifyLike>()
    .addHook('preHandler', (_, reply, done) => within(exchangeOf(reply.raw), done));
  const usual = adapter.setErrorHandler.bind(adapter);
  adapter.setErrorHandler = (handler: Function, prefix?: string): unknown => {
    const handle = handler as ErrorHandler;
    const entered: ErrorHandler = (error, request, reply) =>
      within(exchangeOf(reply.raw), () => handle(error, request, reply));
    return usual(entered, prefix);
  };
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
