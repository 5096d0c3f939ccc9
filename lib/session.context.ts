import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  SessionContextException,
  SessionNotStartedException,
} from './exceptions/session.exceptions.js';
import type { SessionHandshake } from './interfaces/session-handshake.interface.js';
import type { SessionService } from './session.service.js';

/** Runs work with the session that a handshake's cookie names. */
export abstract class SessionRunner {
  abstract run<T>(handshake: SessionHandshake, work: () => T | Promise<T>): Promise<T>;
}

/** The exchange that code runs in. */
export interface ActiveExchange {
  readonly session: SessionService;
  /** Whether request-scoped providers outlive the exchange, as those of a gateway do. */
  readonly keepsProviders: boolean;
  /** What it is, for people, without anything that a client may keep to itself. */
  readonly label: string;
}

/** Carries the exchange to everything that runs within its request. */
export const exchangeStorage = new AsyncLocalStorage<ActiveExchange | undefined>();

/** Runs what outlives the exchange that it is called in. `exit()` would stop and restart the storage. */
export function outsideExchange<T>(work: () => T): T {
  return exchangeStorage.run(undefined, work);
}

/** @throws SessionContextException outside a request */
export function currentSession(): SessionService {
  return currentExchange().session;
}

/**
 * The session of this request, started, for Nest to inject.
 *
 * @throws SessionContextException outside a request, and in gateways
 * @throws SessionStoreUnavailableException
 */
export async function injectedSession(): Promise<SessionService> {
  const { session, keepsProviders } = currentExchange();
  if (!keepsProviders) return session.start();
  throw new SessionContextException(
    'SessionService cannot be injected into a gateway, nor into what a gateway injects: that stays ' +
      'as long as the socket, and each message has its own session. Inject SessionContext, or take ' +
      'a @SessionBag() parameter.',
  );
}

function currentExchange(): ActiveExchange {
  const exchange = exchangeStorage.getStore();
  if (exchange) return exchange;
  throw new SessionContextException(
    'There is no session here: this code does not run within an HTTP request or a message to a ' +
      'gateway. Use the session in what those call; in messages of microservices, timers, queues and ' +
      'at start-up there is none. SessionContext.run() gives the one of a connection that began with ' +
      'a request.',
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
  readonly #modules: ModuleRef;

  constructor(modules: ModuleRef) {
    this.#modules = modules;
  }

  /** Whether this code runs within a request, or a message to a gateway. */
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

  /**
   * Runs work with the session of a connection that began with an HTTP request, as that of a socket:
   * each run reads it anew, and is over when what it changed is stored. Messages to gateways have
   * that by themselves.
   *
   * @param handshake the request that the connection began with
   * @returns what `work` resolves to
   * @throws what `work` throws
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  run<T>(handshake: SessionHandshake, work: () => T | Promise<T>): Promise<T> {
    // Looked up late: the options, which the runner needs, may be made by who has this injected.
    return this.#modules.get(SessionRunner).run(handshake, work);
  }
}
