import type { SessionData } from './session-data.interface.js';

type Callback = (error?: Error) => void;

/**
 * What `req.session` can do whatever its variables are called. Each method but `touch` and
 * `resetMaxAge` takes a callback, or gives a promise.
 *
 * @publicApi
 */
export interface RequestSessionMethods {
  /** The secret that the cookie bears; `''` as long as nothing is stored. */
  readonly id: string;

  /** The session's cookie, its `maxAge` and `expires` to be set. */
  readonly cookie: RequestSessionCookie;

  /** Begins a new and empty session with a new id, on `req.session`; this one is gone. */
  regenerate(): Promise<void>;
  regenerate(done: Callback): this;

  /** Ends the session and clears its cookie; `req.session` is undefined afterwards. */
  destroy(): Promise<void>;
  destroy(done: Callback): this;

  /** Reads the session again; what was changed and not stored is dropped. */
  reload(): Promise<void>;
  reload(done: Callback): this;

  /** Stores the changes now. The answer waits for them without it, too. */
  save(): Promise<void>;
  save(done: Callback): this;

  /** Does nothing: a session's life is extended as it is read. */
  touch(): this;
  resetMaxAge(): this;
}

/**
 * `req.session.cookie`.
 *
 * @publicApi
 */
export interface RequestSessionCookie {
  readonly path: string;
  readonly domain: string | undefined;
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly originalMaxAge: number | null;
  /**
   * Milliseconds; null when the cookie ends with the browser. Setting it gives the session that life;
   * null, false and undefined leave its life as it is.
   *
   * @throws TypeError for what is no number, RangeError as `SessionService.setLifetime`
   */
  get maxAge(): number | null;
  set maxAge(ms: number | null | false | undefined);
  /**
   * The same as a time.
   *
   * @throws TypeError for what is no Date, RangeError as `SessionService.setLifetime`
   */
  get expires(): Date | null;
  set expires(date: Date | null | false | undefined);
}

/**
 * The session as `req.session` and `@Session()` show it with `autoStart`: an object of
 * express-session's shape, whose properties are the variables.
 *
 * @typeParam T - the variables; those of `SessionData` unless others are given
 * @publicApi
 */
export type RequestSession<T extends object = SessionData> = RequestSessionMethods &
  Partial<Omit<T, keyof RequestSessionMethods>>;
