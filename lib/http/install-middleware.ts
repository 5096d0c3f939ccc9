import type { IncomingMessage, ServerResponse } from 'node:http';
import { AbstractHttpAdapter } from '@nestjs/core';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import type { PlatformRequest } from './connection.js';
import { haveSameMethods } from './gate/native-methods.js';

export type Next = (error?: unknown) => void;

export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
  asPlatformHasIt: PlatformRequest,
) => void;

/**
 * Puts a middleware before everything else, `app.use` of main.ts included: the adapter is there while
 * providers are built, and main.ts comes after them. Without a path, so that no form of a URL evades
 * it.
 *
 * @param onResponse is given each response on Express, before that changes it
 * @throws InvalidSessionOptionsException when the server speaks HTTP/2
 */
export function installMiddleware(
  adapter: AbstractHttpAdapter,
  middleware: Middleware,
  onResponse: (response: ServerResponse) => void = () => {},
): void {
  refuseHttp2(adapter);
  if (hasRequestHook(adapter)) installRequestHook(adapter, middleware);
  else if (hasNoMiddlewareYet(adapter)) installHook(adapter, middleware);
  else {
    comeBeforeExpress(adapter, onResponse);
    adapter.use((request: IncomingMessage, response: ServerResponse, next: Next) =>
      middleware(request, response, next, request),
    );
  }
}

interface ExpressLike {
  /** What its responses inherit from. */
  readonly response?: ServerResponse;
  handle?(request: IncomingMessage, response: ServerResponse, ...rest: unknown[]): unknown;
}

/**
 * Gives `onResponse` each response before Express has it. Express exchanges the prototype of a
 * response that ExpressMessages has not made, first of all; from then on V8 copies the layout of
 * the response for every property that is added, and those of the gate would cost a fifth of a bare
 * request. Where that prototype has sending methods of its own, Express comes first.
 */
function comeBeforeExpress(
  adapter: AbstractHttpAdapter,
  onResponse: (response: ServerResponse) => void,
): void {
  const app = adapter.getInstance<ExpressLike>();
  const handle = app.handle?.bind(app);
  if (adapter.getType() !== 'express' || handle === undefined) return;
  app.handle = (request, response, ...rest) => {
    if (app.response && haveSameMethods(app.response, response)) onResponse(response);
    return handle(request, response, ...rest);
  };
}

/** What Fastify hands to a hook, as far as it is used here. */
interface FastifyRequestLike extends PlatformRequest {
  readonly raw: IncomingMessage;
}

interface FastifyReplyLike {
  readonly raw: ServerResponse;
}

type RequestHook = (request: FastifyRequestLike, reply: FastifyReplyLike, done: Next) => void;

interface FastifyLike {
  readonly use?: unknown;
  addHook(name: 'onRequest', hook: RequestHook): unknown;
}

/** Whether the adapter has room for a hook before any middleware: that of Fastify, unless it is old. */
function hasRequestHook(adapter: AbstractHttpAdapter): boolean {
  const { setOnRequestHook } = adapter as Partial<AbstractHttpAdapter>;
  const inherited: Partial<AbstractHttpAdapter> = AbstractHttpAdapter.prototype;
  const isOwn = setOnRequestHook !== undefined && setOnRequestHook !== inherited.setOnRequestHook;
  return isOwn && adapter.getType() === 'fastify';
}

/**
 * A hook and no middleware: for a single one Fastify would prepare every request for Express's
 * kind, which costs more than all else of an unused session. The adapter has room for one hook:
 * those that are set later follow ours.
 */
function installRequestHook(adapter: AbstractHttpAdapter, middleware: Middleware): void {
  const setHook = adapter.setOnRequestHook.bind(adapter);
  const ours = hookOf(middleware);
  setHook(ours);
  adapter.setOnRequestHook = (following: RequestHook) =>
    setHook((request: FastifyRequestLike, reply: FastifyReplyLike, done: Next) =>
      ours(request, reply, (error) => {
        if (error === undefined) following(request, reply, done);
        else done(error);
      }),
    );
}

/**
 * Whether Fastify cannot take middleware yet: with an old adapter, the application of a testing
 * module can do so from `init()` on. A hook of the instance then comes before all middleware.
 */
function hasNoMiddlewareYet(adapter: AbstractHttpAdapter): boolean {
  return adapter.getType() === 'fastify' && adapter.getInstance<FastifyLike>().use === undefined;
}

function installHook(adapter: AbstractHttpAdapter, middleware: Middleware): void {
  adapter.getInstance<FastifyLike>().addHook('onRequest', hookOf(middleware));
}

function hookOf(middleware: Middleware): RequestHook {
  return (request, reply, done) => middleware(request.raw, reply.raw, done, request);
}

/**
 * Stops the boot when the application's server speaks HTTP/2. To be asked again once the application
 * is initialized: the server is made after providers.
 *
 * @throws InvalidSessionOptionsException
 */
export function refuseHttp2(adapter: AbstractHttpAdapter): void {
  if (speaksHttp2(adapter)) {
    throw new InvalidSessionOptionsException(
      'SessionModule works with HTTP/1.1 only, but the server of this application speaks HTTP/2. ' +
        'Let a proxy speak HTTP/2 to the browser, and create the application without the http2 option.',
    );
  }
}

function speaksHttp2(adapter: AbstractHttpAdapter): boolean {
  const server = adapter.getHttpServer() as Http2Traits | undefined;
  const instance = adapter.getInstance<FastifyTraits | undefined>();
  return typeof server?.updateSettings === 'function' || Boolean(instance?.initialConfig?.http2);
}

/** What only the servers of node:http2 have. */
interface Http2Traits {
  readonly updateSettings?: unknown;
}

/** Fastify says what it was created with. */
interface FastifyTraits {
  readonly initialConfig?: { readonly http2?: boolean };
}
