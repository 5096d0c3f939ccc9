import {
  type DynamicModule,
  Module,
  type NestModule,
  type OnModuleInit,
  Scope,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { AdapterLifecycle } from './adapter-lifecycle.js';
import type { SessionAdapter } from './adapters/session-adapter.js';
import { EventEmitterBridge } from './event-emitter-bridge.js';
import { SessionObserver } from './events/session-observer.js';
import { GatewaySessions } from './gateways/gateway-sessions.js';
import { HandshakeRuns } from './gateways/handshake-runs.js';
import { SocketWatch } from './gateways/socket-watch.js';
import { HttpSessions } from './http/http-sessions.js';
import { SessionCookie } from './http/session-cookie.js';
import { SessionTransport } from './http/session-transport.js';
import { transportOf } from './http/transport-of.js';
import { SessionSweeper } from './session-sweeper.js';
import {
  assertHasOptions,
  assertIsImportedOnce,
  assertOptionsAreStatic,
  markAsCopy,
} from './session.module-imports.js';
import { SESSION_ADAPTER, SESSION_SETTINGS } from './session.constants.js';
import {
  injectedSession,
  outsideExchange,
  SessionContext,
  SessionRunner,
} from './session.context.js';
import {
  ConfigurableModuleClass,
  SESSION_MODULE_OPTIONS,
  type SessionModuleAsyncOptions,
} from './session.module-definition.js';
import {
  resolveSessionOptions,
  type SessionModuleOptions,
  type SessionSettings,
} from './session.options.js';
import { SessionRegistry } from './session.registry.js';
import { SessionService } from './session.service.js';
import { SessionStarter } from './session.starter.js';
import { RareWarning } from './store/rare-warning.js';
import { SealingAdapter } from './store/sealing-adapter.js';
import { SessionEnds } from './store/session-ends.js';
import { connectOpenTelemetry } from './telemetry/open-telemetry.js';
import { StoreHealth } from './store-health.js';
import { StoreShutdown } from './store-shutdown.js';
import { SessionStore } from './store/session-store.js';

/**
 * Sessions for the whole application: import it once, in the root module.
 *
 * @publicApi
 */
@Module({
  providers: [
    AdapterLifecycle,
    StoreShutdown,
    SessionSweeper,
    EventEmitterBridge,
    HttpSessions,
    SessionStarter,
    SessionContext,
    SessionRegistry,
    SessionEnds,
    StoreHealth,
    SocketWatch,
    HandshakeRuns,
    GatewaySessions,
    { provide: SessionRunner, useExisting: HandshakeRuns },
    {
      provide: SESSION_SETTINGS,
      inject: [ModulesContainer, { token: SESSION_MODULE_OPTIONS, optional: true }],
      useFactory: settingsOf,
    },
    {
      provide: SessionCookie,
      inject: [SESSION_SETTINGS],
      useFactory: (settings: SessionSettings) => new SessionCookie(settings),
    },
    {
      provide: SESSION_ADAPTER,
      // The cookie's options are checked before a store is opened.
      inject: [AdapterLifecycle, SessionCookie],
      useFactory: (lifecycle: AdapterLifecycle) => lifecycle.open(),
    },
    {
      provide: SessionObserver,
      useFactory: observerOf,
    },
    {
      provide: SessionStore,
      inject: [SESSION_ADAPTER, SESSION_SETTINGS, SessionEnds, SessionObserver],
      useFactory: storeOf,
    },
    {
      provide: SessionTransport,
      inject: [SESSION_SETTINGS, SessionStore, SessionCookie, SESSION_ADAPTER, SessionEnds],
      useFactory: transportOf,
    },
    {
      provide: SessionService,
      scope: Scope.REQUEST,
      useFactory: injectedSession,
    },
  ],
  exports: [SESSION_ADAPTER, SessionContext, SessionRegistry, SessionService],
})
export class SessionModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  static {
    markAsCopy(this);
  }

  readonly #modules: ModulesContainer;
  readonly #own: ModuleRef;

  constructor(modules: ModulesContainer, own: ModuleRef) {
    super();
    this.#modules = modules;
    this.#own = own;
  }

  /**
   * Registers the module with these options.
   *
   * @throws InvalidSessionOptionsException at boot, naming the option and the cure
   */
  static override forRoot(
    options: SessionModuleOptions & { readonly isGlobal?: boolean } = {},
  ): DynamicModule {
    if (typeof options === 'object' && options !== null) return super.forRoot(options);
    // Refused at boot, as all that makes no sense.
    return super.forRootAsync({ useFactory: () => options });
  }

  /** Registers the module with options that are made at boot. */
  static override forRootAsync(options: SessionModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }

  /** Called before the routes take up their guards, once for each application. */
  configure(): void {
    this.#lookAround();
    this.#own.get(HttpSessions).beforeMiddleware();
  }

  /** An application context has no routes, but classes that may be wrong. */
  onModuleInit(): void {
    this.#lookAround();
  }

  /** Looked up late: with options that belong to a request, nothing of this module is ever made. */
  #lookAround(): void {
    assertOptionsAreStatic(this.#modules);
    this.#own.get(SessionStarter).lookAround();
  }
}

function storeOf(
  adapter: SessionAdapter,
  settings: SessionSettings,
  ends: SessionEnds,
  observer: SessionObserver,
): SessionStore {
  const { sealing } = settings;
  const isCarried = settings.adapter === 'cookie';
  const isSealedHere = sealing !== undefined && !isCarried;
  return new SessionStore(isSealedHere ? new SealingAdapter(adapter, sealing) : adapter, {
    ...settings,
    isCarried,
    apart: outsideExchange,
    ends,
    observer,
  });
}

async function observerOf(): Promise<SessionObserver> {
  const observer = new SessionObserver(warnOfListeners());
  await connectOpenTelemetry(observer);
  return observer;
}

/** Other people's errors are only named: their text may hold anything. */
function warnOfListeners(): ConstructorParameters<typeof SessionObserver>[0] {
  const warning = new RareWarning(
    'A listener of session events failed; nothing else did. Mend it: it must not throw or reject.',
  );
  return (name, error) => {
    const kind = error instanceof Error ? error.name : typeof error;
    warning.warn(`Event: ${name}, cause: ${kind}.`);
  };
}

function settingsOf(
  modules: ModulesContainer,
  options: SessionModuleOptions | undefined,
): SessionSettings {
  assertHasOptions(options);
  assertIsImportedOnce(modules, SessionModule);
  return resolveSessionOptions(options);
}
