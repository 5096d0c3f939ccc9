import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { SessionEventName, SessionEvents } from '../events/session-events.js';
import { type EventSink, SessionObserver } from '../events/session-observer.js';
import { type ActiveExchange, exchangeStorage } from '../session.context.js';
import { INSPECTOR_SETTINGS, type InspectorSettings } from './inspector.options.js';

/** An event of a request, by its name. */
export type LoggedEvent = {
  readonly [N in SessionEventName]: { readonly name: N; readonly event: SessionEvents[N] };
}[SessionEventName];

/** A request that used its session, and what was heard of it. */
export interface LoggedRequest {
  /** Its method and path. */
  readonly label: string;
  readonly at: Date;
  readonly events: readonly LoggedEvent[];
}

const KEPT_EVENTS = 100;
const ELSEWHERE = 'outside of requests';

/** Remembers what the last requests did with their sessions. */
@Injectable()
export class RequestLog implements EventSink, OnModuleInit {
  readonly #modules: ModuleRef;
  readonly #kept: number;
  readonly #requests: (LoggedRequest & { readonly events: LoggedEvent[] })[] = [];
  readonly #byExchange = new WeakMap<ActiveExchange, LoggedEvent[] | 'ignored'>();

  constructor(modules: ModuleRef, @Inject(INSPECTOR_SETTINGS) { keptRequests }: InspectorSettings) {
    this.#modules = modules;
    this.#kept = keptRequests;
  }

  onModuleInit(): void {
    this.#modules.get(SessionObserver, { strict: false }).addSink(this);
  }

  /** The newest first. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests.toReversed();
  }

  hears(): boolean {
    return true;
  }

  tell<N extends SessionEventName>(name: N, event: SessionEvents[N]): void {
    const events = this.#eventsOf(exchangeStorage.getStore());
    if (events === undefined || events.length === KEPT_EVENTS) return;
    events.push({ name, event } as LoggedEvent);
  }

  /** Leaves the current request out: it is the inspector's own. */
  ignoreThis(): void {
    const exchange = exchangeStorage.getStore();
    if (exchange === undefined) return;
    const events = this.#byExchange.get(exchange);
    const index = this.#requests.findIndex((request) => request.events === events);
    if (index !== -1) this.#requests.splice(index, 1);
    this.#byExchange.set(exchange, 'ignored');
  }

  #eventsOf(exchange: ActiveExchange | undefined): LoggedEvent[] | undefined {
    const known = exchange && this.#byExchange.get(exchange);
    if (known === 'ignored') return undefined;
    if (known) return known;
    const events: LoggedEvent[] = [];
    if (exchange) this.#byExchange.set(exchange, events);
    this.#requests.push({ label: exchange?.label ?? ELSEWHERE, at: new Date(), events });
    if (this.#requests.length > this.#kept) this.#requests.shift();
    return events;
  }
}
