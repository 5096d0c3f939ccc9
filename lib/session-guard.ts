import {
  SessionContextException,
  SessionNotStartedException,
} from './exceptions/session.exceptions.js';
import type { SessionLife } from './store/session-life.js';

/** What a session may know of the request that it serves. */
export interface SessionHost {
  /** The name of the cookie in this request. */
  readonly cookieName: string;
  /** The id that came with the request; undefined when there is none, or none that can be ours. */
  readonly clientId: string | undefined;
  /** Whether it is too late to send a cookie. */
  readonly areHeadersSent: boolean;
  /** Whether the response is over and its changes are committed. */
  readonly isEnded: boolean;
  /** Whether the cookie holds the session itself, so that changes need one to be sent. */
  readonly storesInCookie: boolean;
  /** Whether the server can end a session without the client's doing. */
  readonly endsOnServer: boolean;
  /** The session has just been read, where there was one to read. */
  onStarted?(): void;
  /** Takes over the previous session that the request came with, or ends it unused. */
  takeOver?(): Promise<void>;
  /**
   * Ends the previous session where that is still to be done: the next request would take it over.
   *
   * @throws SessionStoreUnavailableException
   */
  endPrevious?(): Promise<void>;
  /** @throws SessionContextException when the session is there to be looked into only */
  assertMayChange?(): void;
  /** @throws SessionConflictException when the request's cookies rule out a new session */
  assertMayBegin(): void;
  /** @throws SessionHeadersSentException when it is too late to send a cookie */
  assertMaySendCookie(operation: string): void;
  /** @throws SessionHeadersSentException when the client has gone, so that no cookie can reach it */
  assertClientIsThere?(operation: string): void;
}

/** Says when a session may be read and written, and throws what keeps it from that. */
export class SessionGuard {
  /** Whether the session has been read from the store. */
  isStarted = false;
  /** How many times it is being destroyed now. */
  #ends = 0;
  readonly #life: SessionLife;
  readonly #host: SessionHost;

  constructor(life: SessionLife, host: SessionHost) {
    this.#life = life;
    this.#host = host;
  }

  /** @throws SessionNotStartedException */
  assertStarted(): void {
    if (!this.isStarted) throw new SessionNotStartedException();
  }

  /** @throws SessionNotStartedException, and when the session is there to be looked into only */
  assertMayChange(): void {
    this.assertStarted();
    this.#host.assertMayChange?.();
  }

  /** Does what destroys the session; what is written meanwhile would go with it. */
  async ending(end: () => Promise<void>): Promise<void> {
    this.#ends++;
    await end().finally(() => this.#ends--);
  }

  /** @throws SessionNotStartedException, as `assertMayStore`, and when the change would be lost */
  assertWritable(): void {
    this.assertMayStore();
    if (this.#ends > 0) {
      throw new SessionContextException(
        'The session is being destroyed, so this change would go with it. Await destroy(), and ' +
          'write then: that begins a new session.',
      );
    }
    if (!this.#host.isEnded) return;
    throw new SessionContextException(
      'The response is over and the session is committed, so this change would be lost. Write ' +
        'before the response ends, or use update(), which commits by itself.',
    );
  }

  /** @throws SessionNotStartedException, and what keeps a session from being begun, if this would */
  assertMayStore(): void {
    this.assertMayChange();
    if (!this.#wouldBegin) return this.#assertCookieCanChange();
    this.#host.assertMayBegin();
    this.#host.assertMaySendCookie('Starting a session');
  }

  /** @throws as `assertMayStore`, and where this would begin a session for a client that has gone */
  assertMayCommit(): void {
    this.assertMayStore();
    if (this.#wouldBegin) this.#host.assertClientIsThere?.('Starting a session');
  }

  /** @throws SessionNotStartedException, SessionHeadersSentException */
  assertMaySave(): void {
    this.assertMayChange();
    if (this.#life.id === '' && this.#life.hasChanges()) {
      this.#host.assertClientIsThere?.('Starting a session');
    }
    this.#assertCookieCanChange();
  }

  /** @throws SessionNotStartedException, SessionHeadersSentException */
  assertMayEnd(): void {
    this.assertMayChange();
    if (this.#life.id === '' || this.#host.endsOnServer) return;
    this.#host.assertMaySendCookie('Ending a session that its cookie holds');
  }

  /** @throws SessionHeadersSentException, also where nobody is there any more to be told the new id */
  assertMayGiveId(operation: string): void {
    this.#host.assertMaySendCookie(operation);
    this.#host.assertClientIsThere?.(operation);
  }

  /** Whether what is stored now begins a session: there is none, or there will be none by then. */
  get #wouldBegin(): boolean {
    return this.#life.id === '' || this.#ends > 0;
  }

  #assertCookieCanChange(): void {
    if (this.#host.storesInCookie) {
      this.#host.assertMaySendCookie('Changing a session that its cookie holds');
    }
  }
}
