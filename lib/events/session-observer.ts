import { channelOf, subscribersOf } from './session-channels.js';
import {
  SESSION_CHANNELS,
  type SessionEventName,
  type SessionEvents,
  type StoreOperation,
} from './session-events.js';

/** Somebody of this application who listens. */
export interface EventSink {
  /** Whether such an event would be of use; asked before each. */
  hears(name: SessionEventName): boolean;
  tell<N extends SessionEventName>(name: N, event: SessionEvents[N]): unknown;
}

/** What a piece of work is, for those who trace. */
export type TracedWork =
  | 'session.start'
  | 'session.reload'
  | 'session.commit'
  | 'session.update'
  | 'session.regenerate'
  | 'session.renew'
  | 'session.login'
  | 'session.destroy'
  | `session.store.${StoreOperation}`;

/** Follows pieces of work; what is worked on within another piece is a part of that. */
export interface SessionTracing {
  /** Whether anybody takes the traces; asked before each piece of work. */
  readonly isActive: boolean;
  /** @param outcomeOf a word on what came out */
  follow<T>(
    name: TracedWork,
    work: () => Promise<T>,
    outcomeOf?: (result: T) => string,
  ): Promise<T>;
}

/** What an event says besides its time. */
export type EventFacts<N extends SessionEventName> = Omit<SessionEvents[N], 'at'>;

/**
 * Where one application tells what becomes of its sessions. To be asked first whether anybody
 * `hears` an event, so that none is made for nobody.
 */
export class SessionObserver {
  readonly #sinks: EventSink[] = [];
  readonly #onFailure: (name: SessionEventName, error: unknown) => void;
  #tracing: SessionTracing | undefined;

  /** @param onFailure is told what a listener threw, or rejected with */
  constructor(onFailure: (name: SessionEventName, error: unknown) => void = ignore) {
    this.#onFailure = onFailure;
  }

  /** Who follows the work, if anybody does so now. */
  get tracing(): SessionTracing | undefined {
    return this.#tracing?.isActive ? this.#tracing : undefined;
  }

  /** Does a piece of work, followed by who traces. */
  follow<T>(name: TracedWork, work: () => Promise<T>): Promise<T> {
    const { tracing } = this;
    return tracing ? tracing.follow(name, work) : work();
  }

  traceWith(tracing: SessionTracing): void {
    this.#tracing = tracing;
  }

  addSink(sink: EventSink): void {
    this.#sinks.push(sink);
  }

  hears(name: SessionEventName): boolean {
    if (channelOf(name).hasSubscribers) return true;
    for (const sink of this.#sinks) if (sink.hears(name)) return true;
    return false;
  }

  /** Tells everybody who listens. Whatever they do, this returns. */
  tell<N extends SessionEventName>(name: N, facts: EventFacts<N>): void {
    const event = Object.freeze({ ...facts, at: new Date() }) as unknown as SessionEvents[N];
    this.#publish(name, event);
    for (const sink of this.#sinks) {
      if (sink.hears(name)) this.deliver(name, () => sink.tell(name, event));
    }
  }

  /** Calls one listener, and catches what comes of it now or later. */
  deliver(name: SessionEventName, call: () => unknown): void {
    try {
      const result = call();
      if (isThenable(result)) {
        result.then(undefined, (error: unknown) => this.#onFailure(name, error));
      }
    } catch (error) {
      this.#onFailure(name, error);
    }
  }

  #publish<N extends SessionEventName>(name: N, event: SessionEvents[N]): void {
    const channel = channelOf(name);
    if (!channel.hasSubscribers) return;
    const subscribers = subscribersOf(channel);
    if (subscribers === undefined) return channel.publish(event);
    for (const subscriber of subscribers) {
      this.deliver(name, () => subscriber(event, SESSION_CHANNELS[name]));
    }
  }
}

/** An observer with nobody behind it but the channels. */
export const CHANNELS_ONLY = new SessionObserver();

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function ignore(): void {
  // A listener's mistake is nobody else's.
}
