import { Injectable, Inject } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type {
  CommittedChange,
  SessionEventName,
  SessionEvents,
  StoreOperation,
  StoreOutcome,
} from '../events/session-events.js';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import { SessionContext } from '../session.context.js';
import type { SessionService } from '../session.service.js';
import { StoreHealth, type StoreState } from '../store-health.js';
import { INSPECTOR_SETTINGS, type InspectorSettings } from './inspector.options.js';
import { type LoggedEvent, type LoggedRequest, RequestLog } from './request-log.js';
import { describeValue } from './value-description.js';

/** One variable of the session; of a bag each property. */
export interface InspectedVariable {
  readonly name: string;
  /** What kind of value it is, and how large; or the value itself. */
  readonly value: string;
  /** The variables of a bag: an object that is one. */
  readonly properties?: readonly InspectedVariable[];
}

/** The session of whoever looks. */
export interface InspectedSession {
  readonly isNew: boolean;
  /** Missing as long as nothing is stored. */
  readonly key?: string | undefined;
  readonly owner?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  readonly variables: readonly InspectedVariable[];
}

export interface InspectedCall {
  readonly operation: StoreOperation;
  readonly outcome: StoreOutcome;
  readonly durationMs: number;
}

export interface InspectedCommit {
  readonly at: Date;
  readonly attempts: number;
  readonly durationMs: number;
  readonly changes: readonly CommittedChange[];
}

/** What else was heard: `conflict (gone)`. */
export interface InspectedRequest {
  readonly label: string;
  readonly at: Date;
  readonly calls: readonly InspectedCall[];
  readonly storeMs: number;
  readonly conflicts: number;
  /** How often commits were done again. */
  readonly retries: number;
  readonly events: readonly string[];
}

/** All that the inspector shows. */
export interface InspectorReport {
  readonly at: Date;
  readonly adapter: { readonly name: string } & StoreState;
  /** Missing where the store does not answer. */
  readonly session?: InspectedSession | undefined;
  /** The commits of this session, the newest first. */
  readonly commits: readonly InspectedCommit[];
  /** The last requests that used sessions, the newest first. */
  readonly requests: readonly InspectedRequest[];
}

/** Collects what the inspector shows. */
@Injectable()
export class InspectorReporter {
  readonly #modules: ModuleRef;
  readonly #log: RequestLog;
  readonly #settings: InspectorSettings;

  constructor(
    modules: ModuleRef,
    log: RequestLog,
    @Inject(INSPECTOR_SETTINGS) settings: InspectorSettings,
  ) {
    this.#modules = modules;
    this.#log = log;
    this.#settings = settings;
  }

  get adapterName(): string {
    return this.#health.adapterName;
  }

  get #health(): StoreHealth {
    return this.#modules.get(StoreHealth, { strict: false });
  }

  async report(): Promise<InspectorReport> {
    const [state, session] = await Promise.all([this.#health.check(), this.#session()]);
    const { requests } = this.#log;
    return {
      at: new Date(),
      adapter: { name: this.adapterName, ...state },
      session: session && this.#inspect(session),
      commits: session ? commitsOf(session.key, requests) : [],
      requests: requests.map(inspectRequest),
    };
  }

  /** Undefined when the store does not answer: that is what the inspector is to say. */
  async #session(): Promise<SessionService | undefined> {
    try {
      return await this.#modules.get(SessionContext, { strict: false }).start();
    } catch (error) {
      if (error instanceof SessionStoreUnavailableException) return undefined;
      throw error;
    }
  }

  #inspect(session: SessionService): InspectedSession {
    const { isNew, owner, createdAt, expiresAt } = session;
    const key = session.key === '' ? undefined : session.key;
    const variables = Object.entries(session.toJSON()).map(([name, value]) => {
      return describeValue(name, value, this.#settings.showValues);
    });
    return { isNew, key, owner, createdAt, expiresAt, variables };
  }
}

function commitsOf(key: string, requests: readonly LoggedRequest[]): InspectedCommit[] {
  const commits = eventsOf(
    'committed',
    requests.flatMap(({ events }) => events),
  );
  return commits
    .filter((commit) => commit.key === key)
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .map(({ at, attempts, durationMs, changes }) => ({ at, attempts, durationMs, changes }));
}

function inspectRequest({ label, at, events }: LoggedRequest): InspectedRequest {
  const calls = eventsOf('store-call', events);
  return {
    label,
    at,
    calls: calls.map(({ operation, outcome, durationMs }) => ({ operation, outcome, durationMs })),
    storeMs: calls.reduce((sum, { durationMs }) => sum + durationMs, 0),
    conflicts: eventsOf('conflict', events).length,
    retries: eventsOf('committed', events).reduce((sum, { attempts }) => sum + attempts - 1, 0),
    events: events.filter(({ name }) => name !== 'store-call').map(nameOf),
  };
}

function eventsOf<N extends SessionEventName>(
  name: N,
  events: readonly LoggedEvent[],
): SessionEvents[N][] {
  return events
    .filter((logged) => logged.name === name)
    .map(({ event }) => event as SessionEvents[N]);
}

function nameOf({ name, event }: LoggedEvent): string {
  return 'reason' in event ? `${name} (${event.reason})` : name;
}
