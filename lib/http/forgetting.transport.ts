import { SessionStore, type SessionStoreOptions } from '../store/session-store.js';
import { ExchangeRecords } from './exchange-records.js';
import type { SessionCookie } from './session-cookie.js';
import {
  type Carrier,
  ReceivedId,
  type ReceivedSession,
  SessionTransport,
} from './session-transport.js';

/**
 * For the noop adapter: whatever a request stores is accepted, stays as long as the request and is
 * forgotten then. Its id opens nothing.
 */
export class ForgettingTransport extends SessionTransport {
  readonly storesInCookie = false;
  readonly endsOnServer = true;
  readonly #cookie: SessionCookie;
  readonly #options: SessionStoreOptions;

  constructor(cookie: SessionCookie, options: SessionStoreOptions) {
    super();
    this.#cookie = cookie;
    this.#options = options;
  }

  receive({ cookieHeader, isSecure }: Carrier): ReceivedSession {
    const store = new SessionStore(new ExchangeRecords(), this.#options);
    return new ReceivedId(store, this.#cookie.read(cookieHeader, isSecure));
  }
}
