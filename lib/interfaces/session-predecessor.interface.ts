/**
 * Where an application's sessions were before it came to this package: `fromConnectSid()` makes one of
 * a store of express-session.
 *
 * @publicApi
 */
export interface SessionPredecessor {
  /** The cookie that its sessions were opened with. */
  readonly cookieName: string;

  /** The session that the cookie's value names; undefined when it is forged or none of those. */
  find(cookieValue: string): PreviousSession | undefined;
}

/**
 * One session of the predecessor.
 *
 * @publicApi
 */
export interface PreviousSession {
  /** What only its user knows: the secret that opened it. */
  readonly id: string;

  /** The Set-Cookie value that makes the browser forget its cookie. */
  readonly clearedCookie: string;

  /** Its variables; undefined when it has ended. Rejects when its store cannot be reached. */
  read(): Promise<Readonly<Record<string, unknown>> | undefined>;

  /** Ends it. One that has ended already is no error. */
  end(): Promise<void>;
}
