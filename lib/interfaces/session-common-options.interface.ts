import type { SessionCookieOptions } from './session-cookie-options.interface.js';
import type { SessionEncryptionOptions } from './session-encryption-options.interface.js';
import type { SessionIntercept } from './session-intercept.interface.js';
import type { SessionPredecessor } from './session-predecessor.interface.js';
import type { SessionSerializer } from './session-serializer.interface.js';

/**
 * The options that every adapter shares.
 *
 * @publicApi
 */
export interface SessionCommonOptions {
  /**
   * Isolates this application's variables from another's in the same session; holds no `#`.
   *
   * @default none: the application sees the whole session
   */
  readonly uniqueId?: string | undefined;

  /**
   * Stands before every key in the store: printable ASCII without spaces, at most 180 characters,
   * not ending in `owner:`. May be empty.
   *
   * @default 'sess:'
   */
  readonly prefix?: string | undefined;

  /**
   * Idle seconds after which the session is gone; whole, 1 or more.
   *
   * @default 3600
   */
  readonly lifetime?: number | undefined;

  /**
   * Seconds after its beginning or the login when the session is gone however busy; not below
   * `lifetime`. False switches it off.
   *
   * @default 2592000
   */
  readonly absoluteLifetime?: number | false | undefined;

  /**
   * The cookie's name; over https it is prefixed with `__Host-` or `__Secure-`.
   *
   * @default 'sid'
   */
  readonly name?: string | undefined;

  /** The cookie's attributes. It is always HttpOnly. */
  readonly cookie?: SessionCookieOptions | undefined;

  /**
   * Starts the session for every request and puts an object of express-session's shape on
   * `req.session`.
   *
   * @default false
   */
  readonly autoStart?: boolean | undefined;

  /** Sees every variable as it is read and written. */
  readonly intercept?: SessionIntercept | undefined;

  /** In place of the built-in JSON. */
  readonly serializer?: SessionSerializer | undefined;

  /**
   * Milliseconds for one store call. A request spends at most this on starting the session, and
   * twice this on committing.
   *
   * @default 2000
   */
  readonly storeTimeout?: number | undefined;

  /**
   * Whether a store that cannot be reached stops the boot. False: the application starts, and
   * routes with a session answer 503 until the store is there.
   *
   * @default true
   */
  readonly failFast?: boolean | undefined;

  /**
   * Seconds after which a session gets a new id. For 30 seconds more the old one leads to it, so
   * that parallel requests go on.
   *
   * @default none: ids change at login only
   */
  readonly renewAfter?: number | undefined;

  /**
   * How many sessions an owner may have at once.
   *
   * @default none: as many as there are logins
   */
  readonly maxSessionsPerOwner?: number | undefined;

  /**
   * Whether a login past `maxSessionsPerOwner` is refused with 409 or ends the owner's oldest session.
   *
   * @default 'evict-oldest'
   */
  readonly whenOwnerIsFull?: 'reject' | 'evict-oldest' | undefined;

  /**
   * Encrypts every record before the store gets it. What was stored without it, or under a key that
   * is not given any more, counts as no session.
   *
   * @default none: whoever can read the store can read the sessions
   */
  readonly encryption?: SessionEncryptionOptions | undefined;

  /**
   * Goes on with the sessions that another library has left: `fromConnectSid()` of
   * `nestjs-session-bag/express-session` reads those of express-session.
   *
   * @default none
   */
  readonly takeOver?: SessionPredecessor | undefined;
}
