import { NoopAdapter } from '../adapters/noop.adapter.js';
import type { SessionAdapter } from '../adapters/session-adapter.js';
import type { SessionSettings } from '../session.options.js';
import type { SessionEnds } from '../store/session-ends.js';
import type { SessionStore } from '../store/session-store.js';
import { ForgettingTransport } from './forgetting.transport.js';
import { Revocations } from './sealed-cookie/revocations.js';
import { SealedCookieTransport } from './sealed-cookie/sealed-cookie.transport.js';
import type { SessionCookie } from './session-cookie.js';
import { IdTransport, type SessionTransport } from './session-transport.js';

/** How the options would have sessions travel. */
export function transportOf(
  settings: SessionSettings,
  store: SessionStore,
  cookie: SessionCookie,
  adapter: SessionAdapter,
  ends: SessionEnds,
): SessionTransport {
  const { sealing } = settings;
  const options = { ...settings, ends, observer: store.observer };
  // A class that extends it may keep something.
  if (adapter.constructor === NoopAdapter) return new ForgettingTransport(cookie, options);
  if (settings.adapter !== 'cookie' || sealing === undefined) return new IdTransport(store, cookie);
  const revocations = settings.revocations && new Revocations(adapter, settings.prefix);
  return new SealedCookieTransport({ cookie, sealing, options, revocations });
}
