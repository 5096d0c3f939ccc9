import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';
import { SESSION_SETTINGS } from '../session.constants.js';
import type { SessionSettings } from '../session.options.js';
import { bindBodyEvents } from './body-events.js';
import { Exchange, type ExchangeServices } from './exchange.js';
import { ExpressMessages } from './express-messages.js';
import { renderCopies } from './express-render.js';
import { isUntrustedHttps, type PlatformRequest, UNTRUSTED_PROXY_HINT } from './connection.js';
import { offerOnFastify } from './fastify-session.js';
import { eachAdapter } from './http-adapters.js';
import {
  installMiddleware,
  type Middleware,
  type Next,
  refuseHttp2,
} from './install-middleware.js';
import { enterHandlers, enterMiddleware } from './reentry.js';
import { ResponseGates } from './response-gates.js';
import { SessionCookie } from './session-cookie.js';
import { SessionTransport } from './session-transport.js';

/** Gives every request of the application its exchange, before any other middleware runs. */
@Injectable()
export class HttpSessions implements ExchangeServices, OnModuleInit {
  readonly gates: ResponseGates;
  readonly #logger = new Logger('SessionModule');
  /** Of applications that are made, and not initialized yet. */
  readonly #waiting = new Map<AbstractHttpAdapter, ExpressMessages | undefined>();
  #hasWarnedOfTwoCookies = false;
  #hasWarnedOfProxy = false;

  constructor(
    host: HttpAdapterHost,
    readonly transport: SessionTransport,
    readonly cookie: SessionCookie,
    @Inject(SESSION_SETTINGS) readonly settings: SessionSettings,
  ) {
    this.gates = new ResponseGates(this.#logger);
    eachAdapter(host, (adapter) => {
      installMiddleware(adapter, this.#begin, (response) => this.gates.cover(response));
      enterHandlers(adapter, this.#exchangeOf);
      this.#waiting.set(adapter, ExpressMessages.of(adapter));
      renderCopies(adapter);
    });
  }

  warnOfTwoCookies(cookieName: string): void {
    if (this.#hasWarnedOfTwoCookies) return;
    this.#hasWarnedOfTwoCookies = true;
    this.#logger.warn(
      `A request came with two different cookies named "${cookieName}": one of them was set for ` +
        'another path or domain, perhaps to plant a session. Such requests get no session.',
    );
  }

  warnOfUntrustedProxy(request: PlatformRequest): void {
    if (this.#hasWarnedOfProxy || !this.cookie.followsConnection) return;
    if (!isUntrustedHttps(request)) return;
    this.#hasWarnedOfProxy = true;
    this.#logger.warn(UNTRUSTED_PROXY_HINT);
  }

  /** Nest is about to register its middleware, and main.ts has registered its own. */
  beforeMiddleware(): void {
    for (const adapter of this.#waiting.keys()) enterMiddleware(adapter, this.#exchangeOf);
  }

  onModuleInit(): void {
    for (const [adapter, messages] of this.#waiting) {
      refuseHttp2(adapter);
      const server = adapter.getHttpServer() as object | undefined;
      if (server) messages?.serveFrom(server);
      if (this.settings.autoStart) offerOnFastify(adapter);
    }
    this.#waiting.clear();
  }

  readonly #exchangeOf = (response: ServerResponse): ActiveExchange | undefined =>
    this.gates.exchangeOf(response);

  readonly #begin: Middleware = (request, response, next, asPlatformHasIt) => {
    if (becomesSocket(request)) return next();
    const exchange = new Exchange(request, response, asPlatformHasIt, this);
    bindBodyEvents(request, exchange);
    if (this.settings.autoStart) exchangeStorage.run(exchange, startFirst, exchange, next);
    else exchangeStorage.run(exchange, next);
  };
}

/**
 * Whether this is the handshake of a socket, which some plugins send through the routes. It has no
 * answer to wait for, and all that the socket says later would seem to belong to one request.
 */
function becomesSocket(request: IncomingMessage): boolean {
  return (request as { readonly upgrade?: unknown }).upgrade === true;
}

function startFirst(exchange: Exchange, next: Next): void {
  exchange.startOnRequest().then(() => next(), next);
}
