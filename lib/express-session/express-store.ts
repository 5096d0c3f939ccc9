/**
 * What such a store is given to keep. The stores look at `cookie` alone, each at another part of
 * it, to find out how long.
 *
 * @publicApi
 */
export interface ExpressStoreSession {
  cookie: {
    /** Milliseconds. */
    originalMaxAge: number;
    /** Milliseconds. */
    maxAge: number;
    expires: Date;
    httpOnly: boolean;
    path: string;
  };
  data: string;
  /** Random, new with every write. */
  version: string;
}

/**
 * The part of a store of express-session that is used here. Errors come first in a callback. What
 * it is given as `session` is an `ExpressStoreSession`; the type names `cookie` alone, so that a
 * store fits whatever the application has declared its `SessionData` to hold.
 *
 * @publicApi
 */
export interface ExpressStore {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown;
  set(sid: string, session: WithCookie, callback: (error?: unknown) => void): unknown;
  destroy(sid: string, callback: (error?: unknown) => void): unknown;
  /** Extends the life without writing the rest. */
  touch?(sid: string, session: WithCookie, callback: (error?: unknown) => void): unknown;
}

interface WithCookie {
  readonly cookie: object;
}

/** The cookie by which a store finds out that it is to keep a session for `ttl` seconds. */
export function cookieOf(ttl: number): ExpressStoreSession['cookie'] {
  const maxAge = ttl * 1000;
  const expires = new Date(Date.now() + maxAge);
  return { originalMaxAge: maxAge, maxAge, expires, httpOnly: true, path: '/' };
}
