import type { SessionLife } from '../store/session-life.js';
import type { SessionStore } from '../store/session-store.js';
import type { CookieReading, SessionCookie } from './session-cookie.js';

/** The request that brings a session, and the response that takes it along. */
export interface Carrier {
  readonly cookieHeader: string | undefined;
  /** Whether the browser came over https. */
  readonly isSecure: boolean;
  /** @throws SessionHeadersSentException when it is too late to send a cookie */
  assertMaySendCookie(operation: string): void;
}

/** The session of one request, in what depends on how it travels. */
export interface ReceivedSession {
  /** Where it is opened and changed. */
  readonly store: SessionStore;
  /** What the request's cookies say; an id may still open nothing. */
  readonly reading: CookieReading;
  /**
   * What the cookie of a stored session is to hold; undefined where the client has it.
   *
   * @param outlivesBrowser whether the cookie bears Max-Age
   */
  cookieValue(life: SessionLife, outlivesBrowser: boolean): string | undefined;
  /** Whether the client has that already, and gets it again only since it ends later now. */
  isRefreshed(life: SessionLife, outlivesBrowser: boolean): boolean;
}

/** How sessions travel between client and server: by an id, or whole. */
export abstract class SessionTransport {
  /** Whether the cookie holds the session itself, so that changes need one to be sent. */
  abstract readonly storesInCookie: boolean;
  /** Whether the server can end a session without the client's doing. */
  abstract readonly endsOnServer: boolean;

  abstract receive(carrier: Carrier): ReceivedSession;
}

/** The cookie holds the id of a session in the store. */
export class IdTransport extends SessionTransport {
  readonly storesInCookie = false;
  readonly endsOnServer = true;
  readonly #store: SessionStore;
  readonly #cookie: SessionCookie;

  constructor(store: SessionStore, cookie: SessionCookie) {
    super();
    this.#store = store;
    this.#cookie = cookie;
  }

  receive({ cookieHeader, isSecure }: Carrier): ReceivedSession {
    return new ReceivedId(this.#store, this.#cookie.read(cookieHeader, isSecure));
  }
}

/** A session by its id. */
export class ReceivedId implements ReceivedSession {
  constructor(
    readonly store: SessionStore,
    readonly reading: CookieReading,
  ) {}

  cookieValue(life: SessionLife, outlivesBrowser: boolean): string | undefined {
    const isSent = !this.#isKnown(life) || this.isRefreshed(life, outlivesBrowser);
    return isSent ? life.id : undefined;
  }

  isRefreshed(life: SessionLife, outlivesBrowser: boolean): boolean {
    // An id whose time is up may have been renewed meanwhile, and is not to take the new one's place.
    return outlivesBrowser && this.#isKnown(life) && !life.isRenewalDue;
  }

  #isKnown({ id }: SessionLife): boolean {
    return this.reading.kind === 'id' && this.reading.id === id;
  }
}
