import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import {
  SessionContextException,
  SessionNotStartedException,
} from './exceptions/session.exceptions.js';
import type { SessionService } from './session.service.js';

/** The exchange that code runs in. */
export interface ActiveExchange {
  readonly session: SessionService;
}

/** Carries the exchange to everything that runs within its request. */
export const exchangeStorage = new AsyncLocalStorage<ActiveExchange>();

/** @throws SessionContextException outside a request */
export function currentSession(): SessionService {
  const exchange = exchangeStorage.getStore();
  if (exchange) return exchange.session;
  throw new SessionContextException(
    'There is no session here: this code does not run within an HTTP request. Use the session in ' +
      'what a request calls; in timers, queues and at start-up there is none.',
  );
}

/**
 * The session of the current request for classes that must stay singletons: guards, interceptors,
 * passport strategies, services.
 *
 * @publicApi
 */
@Injectable()
export class SessionContext {
  /** Whether this code runs within a request. */
  get active(): boolean {
    return exchangeStorage.getStore() !== undefined;
  }

  /**
   * The session of this request, which must have been started.
   *
   * @throws SessionContextException outside a request
   * @throws SessionNotStartedException
   */
  get session(): SessionService {
    const session = currentSession();
    if (session.isStarted) return session;
    throw new SessionNotStartedException();
  }

  /**
   * Starts the session of this request, if that has not been done.
   *
   * @throws SessionContextException outside a request
   * @throws SessionStoreUnavailableException
   */
  async start(): Promise<SessionService> {
    return currentSession().start();
  }
}
