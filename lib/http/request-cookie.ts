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

  set maxAge(given: number | NoExpiry) {
    const ms: unknown = given;
    if (endsWithBrowser(ms)) return;
    if (ms instanceof Date) this.expires = ms;
    else if (typeof ms === 'number') this.#session.setLifetime(Math.ceil(ms / 1000));
    else throw refusal('maxAge', 'a number of milliseconds');
  }

  get expires(): Date | null {
    const { maxAge } = this;
    return maxAge === null ? null : new Date(Date.now() + maxAge);
  }

  set expires(given: Date | NoExpiry) {
    const date: unknown = given;
    if (endsWithBrowser(date)) return;
    if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
      throw refusal('expires', 'a Date');
    }
    this.maxAge = date.getTime() - Date.now();
  }
}

/** As express-session has it: what has no expiry ends with the browser. */
type NoExpiry = null | undefined | false;

function endsWithBrowser(value: unknown): value is NoExpiry {
  return value === null || value === undefined || value === false;
}

function refusal(property: string, expected: string): TypeError {
  return new TypeError(
    `req.session.cookie.${property} takes ${expected}, or null for a cookie that ends with the browser.`,
  );
}
