import { type Channel, channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  SESSION_CHANNELS,
  type SessionEventListener,
  type SessionEventName,
} from './session-events.js';

const kept = {} as Record<SessionEventName, Channel>;

/** The channel of an event. It is kept: Node.js forgets those that nobody holds. */
export function channelOf(name: SessionEventName): Channel {
  return (kept[name] ??= channel(SESSION_CHANNELS[name]));
}

/** Who has subscribed to a channel. */
export type Subscriber = (message: unknown, name: string | symbol) => unknown;

/**
 * Everybody on a channel, each to be called apart; undefined where this Node.js does not tell.
 *
 * With `publish()` a mistake of a subscriber would end the process: what it throws becomes an
 * uncaught exception, and what it rejects with an unhandled rejection.
 */
export function subscribersOf(open: Channel): readonly Subscriber[] | undefined {
  const { _subscribers: subscribers } = open as { readonly _subscribers?: unknown };
  return Array.isArray(subscribers) ? [...(subscribers as Subscriber[])] : undefined;
}

/**
 * Calls `listener` with every such event of every application in this process.
 *
 * @returns a function that ends it
 * @publicApi
 */
export function onSessionEvent<N extends SessionEventName>(
  name: N,
  listener: SessionEventListener<N>,
): () => void {
  const subscriber = (event: unknown): void => {
    return listener(event as Parameters<typeof listener>[0]) as void;
  };
  subscribe(SESSION_CHANNELS[name], subscriber);
  return () => void unsubscribe(SESSION_CHANNELS[name], subscriber);
}
