import 'reflect-metadata';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { bindClientAnswers } from './client-answers.js';
import { guardGateways } from './gateway-guards.js';
import { GatewaySessions } from './gateways/gateway-sessions.js';
import { refuseKeptSessions } from './kept-sessions.js';
import { findPersistentUsers, withPersistentBags } from './persistent-users.js';
import { SessionContext } from './session.context.js';

/** What the decorator of GraphQL resolvers notes on their classes. */
const IS_RESOLVER = 'graphql:resolver_type';

/**
 * Starts the session before the first guard on routes that use `@Persistent`, since a class reads
 * such a bag without waiting for anything.
 */
@Injectable()
export class SessionStarter implements CanActivate {
  readonly #config: ApplicationConfig;
  readonly #modules: ModulesContainer;
  readonly #context: SessionContext;
  #users: ReadonlySet<unknown> | 'all' = new Set();
  #isUsedByResolvers = false;
  #hasLooked = false;

  constructor(
    config: ApplicationConfig,
    modules: ModulesContainer,
    context: SessionContext,
    gateways: GatewaySessions,
  ) {
    this.#config = config;
    this.#modules = modules;
    this.#context = context;
    config.addGlobalGuard(this);
    gateways.beforeFirst(() => guardGateways(withPersistentBags(modules)));
  }

  /** Looks once at what was wired; where nobody uses `@Persistent` the guard goes away. */
  lookAround(): void {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    bindClientAnswers(this.#modules);
    refuseKeptSessions(this.#modules);
    this.#users = findPersistentUsers(this.#modules, this.#config);
    if (this.#users === 'all') return;
    this.#isUsedByResolvers = Array.from(this.#users).some(isResolver);
    if (this.#users.size > 0) return;
    const guards = this.#config.getGlobalGuards();
    guards.splice(guards.indexOf(this), 1);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#isUsedBy(context) && this.#context.active) await this.#context.start();
    return true;
  }

  /** Guards run for the operation of a GraphQL request, but not for the fields that follow. */
  #isUsedBy(context: ExecutionContext): boolean {
    if (this.#users === 'all' || this.#users.has(context.getClass())) return true;
    return this.#isUsedByResolvers && context.getType<string>() === 'graphql';
  }
}

function isResolver(host: unknown): boolean {
  return typeof host === 'function' && Reflect.hasMetadata(IS_RESOLVER, host);
}
