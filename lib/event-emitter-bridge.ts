import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { SessionEventName, SessionEvents } from './events/session-events.js';
import { type EventSink, SessionObserver } from './events/session-observer.js';

type Listener = (...values: unknown[]) => unknown;

/** What is needed of the emitter of `@nestjs/event-emitter`; the package itself is not. */
interface EventEmitterLike {
  listeners(name: string): readonly Listener[];
  listenersAny(): readonly Listener[];
}

/** Tells the application's EventEmitter2, if it has one, of its sessions. */
@Injectable()
export class EventEmitterBridge implements OnModuleInit {
  readonly #modules: ModulesContainer;
  readonly #observer: SessionObserver;

  constructor(modules: ModulesContainer, observer: SessionObserver) {
    this.#modules = modules;
    this.#observer = observer;
  }

  onModuleInit(): void {
    const emitter = findEmitter(this.#modules);
    if (emitter) this.#observer.addSink(new EmitterSink(emitter, this.#observer));
  }
}

/**
 * The listeners of an emitter: to `session.created` and so on, or to all events. Each is called
 * apart, so that one that fails keeps nothing from the others.
 */
class EmitterSink implements EventSink {
  readonly #emitter: EventEmitterLike;
  readonly #observer: SessionObserver;

  constructor(emitter: EventEmitterLike, observer: SessionObserver) {
    this.#emitter = emitter;
    this.#observer = observer;
  }

  hears(name: SessionEventName): boolean {
    const emitter = this.#emitter;
    return emitter.listeners(nameOf(name)).length > 0 || emitter.listenersAny().length > 0;
  }

  tell<N extends SessionEventName>(name: N, event: SessionEvents[N]): void {
    const emitter = this.#emitter;
    for (const listener of emitter.listenersAny().slice()) {
      this.#observer.deliver(name, () => listener.call(emitter, nameOf(name), event));
    }
    for (const listener of emitter.listeners(nameOf(name)).slice()) {
      this.#observer.deliver(name, () => listener.call(emitter, event));
    }
  }
}

function nameOf(name: SessionEventName): string {
  return `session.${name}`;
}

/**
 * The provider whose token is a class with the methods of an emitter, so that nobody has to install
 * the package. No other instance is looked at: some refuse that outside a request.
 */
function findEmitter(modules: ModulesContainer): EventEmitterLike | undefined {
  for (const { providers } of modules.values()) {
    for (const { token, instance } of providers.values()) {
      if (hasMethods(prototypeOf(token)) && hasMethods(instance)) return instance;
    }
  }
  return undefined;
}

function prototypeOf(token: unknown): unknown {
  return typeof token === 'function' ? token.prototype : undefined;
}

function hasMethods(value: unknown): value is EventEmitterLike {
  const { listeners, listenersAny } = Object(value) as Partial<EventEmitterLike>;
  return typeof listeners === 'function' && typeof listenersAny === 'function';
}
