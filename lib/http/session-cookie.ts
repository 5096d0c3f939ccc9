import type { SessionCookieOptions } from '../interfaces/session-cookie-options.interface.js';
import type { SessionSettings } from '../session.options.js';
import { readCookie } from './cookie-header.js';
import { assertCookieOptions, LONGEST_MAX_AGE, secureName } from './cookie-rules.js';

export type SessionCookieSettings = Pick<
  SessionSettings,
  'name' | 'cookie' | 'lifetime' | 'absoluteLifetime'
>;

/** What a request has under the cookie's name. */
export type CookieValue =
  | { readonly kind: 'none' }
  /** Two different values: one of them was put there by somebody else. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'value'; readonly value: string };

/** What a request's cookies say of its session. */
export type CookieReading =
  | Exclude<CookieValue, { readonly kind: 'value' }>
  | { readonly kind: 'malformed' }
  | { readonly kind: 'id'; readonly id: string };

/** What looks like 32 bytes in base64url: whether it is an id is for the store to say. */
const ID = /^[\w-]{43}$/;

const NONE = { kind: 'none' } as const;
const MALFORMED = { kind: 'malformed' } as const;
const AMBIGUOUS = { kind: 'ambiguous' } as const;

/**
 * The cookie that bears the session's id, or the session itself, under one name over https and one
 * over http.
 */
export class SessionCookie {
  readonly #secure: boolean | 'auto';
  readonly #plain: WrittenCookie;
  readonly #encrypted: WrittenCookie;
  readonly #longestMaxAge: number;

  /** @throws InvalidSessionOptionsException for what a browser would drop */
  constructor({ name, cookie, lifetime, absoluteLifetime }: SessionCookieSettings) {
    assertCookieOptions(name, cookie, lifetime);
    this.#secure = cookie.secure ?? 'auto';
    this.#plain = { name, attributes: attributesOf(cookie, false) };
    this.#encrypted = { name: secureName(name, cookie), attributes: attributesOf(cookie, true) };
    this.#longestMaxAge = Math.min(absoluteLifetime || LONGEST_MAX_AGE, LONGEST_MAX_AGE);
  }

  /** Whether it is the connection that decides between the two names. */
  get followsConnection(): boolean {
    return this.#secure === 'auto';
  }

  /** The one name that is read and written on a connection, which is secure or not. */
  nameFor(secure: boolean): string {
    return this.#on(secure).name;
  }

  read(cookieHeader: string | undefined, secure: boolean): CookieReading {
    const reading = this.readValue(cookieHeader, secure);
    if (reading.kind !== 'value') return reading;
    return ID.test(reading.value) ? { kind: 'id', id: reading.value } : MALFORMED;
  }

  readValue(cookieHeader: string | undefined, secure: boolean): CookieValue {
    const [value, ...others] = readCookie(cookieHeader, this.nameFor(secure));
    if (value === undefined) return NONE;
    return others.length > 0 ? AMBIGUOUS : { kind: 'value', value };
  }

  /**
   * The Set-Cookie value. Without `maxAgeSeconds` the cookie ends with the browser; it never outlives
   * the session's absolute lifetime, nor what a browser grants.
   */
  serialize(value: string, secure: boolean, maxAgeSeconds?: number): string {
    const { name, attributes } = this.#on(secure);
    if (maxAgeSeconds === undefined) return `${name}=${value}${attributes}`;
    const maxAge = Math.min(Math.floor(maxAgeSeconds), this.#longestMaxAge);
    return `${name}=${value}; Max-Age=${maxAge}${attributes}`;
  }

  /** How many bytes the Set-Cookie value has at the most, with a value of so many. */
  sizeWith(valueLength: number, secure: boolean): number {
    return this.serialize('', secure, this.#longestMaxAge).length + valueLength;
  }

  /** The Set-Cookie value that makes the browser forget the cookie. */
  serializeCleared(secure: boolean): string {
    const { name, attributes } = this.#on(secure);
    return `${name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes}`;
  }

  #on(secure: boolean): WrittenCookie {
    const bearsSecure = this.#secure === 'auto' ? secure : this.#secure;
    return bearsSecure ? this.#encrypted : this.#plain;
  }
}

interface WrittenCookie {
  readonly name: string;
  /** Everything after the value and Max-Age, with its leading `; `. */
  readonly attributes: string;
}

function attributesOf(cookie: SessionCookieOptions, isSecure: boolean): string {
  const attributes = [`Path=${cookie.path ?? '/'}`];
  if (cookie.domain !== undefined) attributes.push(`Domain=${cookie.domain}`);
  attributes.push('HttpOnly');
  if (isSecure) attributes.push('Secure');
  attributes.push(`SameSite=${capitalize(cookie.sameSite ?? 'lax')}`);
  if (cookie.partitioned) attributes.push('Partitioned');
  if (cookie.priority !== undefined) attributes.push(`Priority=${capitalize(cookie.priority)}`);
  return attributes.map((attribute) => `; ${attribute}`).join('');
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
