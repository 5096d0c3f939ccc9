import type { SessionCookieOptions } from '../interfaces/session-cookie-options.interface.js';
import type { RequestSessionCookie } from '../interfaces/request-session.interface.js';
import type { SessionService } from '../session.service.js';

/** What is known of the cookie in this request. */
export interface RequestCookieFacts {
  readonly options: SessionCookieOptions;
  /** Whether the connection is https. */
  readonly isSecure: boolean;
  /** Milliseconds that the cookie lives from now on; null when it ends with the browser. */
  maxAge(): number | null;
}

/** `req.session.cookie` as express-session shapes it. A life of its own is the session's too. */
export class RequestCookie implements RequestSessionCookie {
  readonly httpOnly = true;
  readonly #session: SessionService;
  readonly #facts: RequestCookieFacts;

  constructor(session: SessionService, facts: RequestCookieFacts) {
    this.#session = session;
    this.#facts = facts;
  }

  get path(): string {
    return this.#facts.options.path ?? '/';
  }

  get domain(): string | undefined {
    return this.#facts.options.domain;
  }

  get sameSite(): 'lax' | 'strict' | 'none' {
    return this.#facts.options.sameSite ?? 'lax';
  }

  get secure(): boolean {
    const { secure = 'auto' } = this.#facts.options;
    return secure === 'auto' ? this.#facts.isSecure : secure;
  }

  get originalMaxAge(): number | null {
    return this.maxAge;
  }

  /** Milliseconds; null when the cookie ends with the browser. */
  get maxAge(): number | null {
    return this.#facts.maxAge();
  }

  set maxAge(ms: number | null) {
    if (ms !== null) this.#session.setLifetime(Math.ceil(ms / 1000));
  }

  get expires(): Date | null {
    const { maxAge } = this;
    return maxAge === null ? null : new Date(Date.now() + maxAge);
  }

  set expires(date: Date | null) {
    if (date !== null) this.maxAge = date.getTime() - Date.now();
  }
}
