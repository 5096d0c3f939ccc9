/**
 * The attributes of the session cookie. It is HttpOnly always.
 *
 * @publicApi
 */
export interface SessionCookieOptions {
  /**
   * The path below which the browser sends the cookie; begins with `/`.
   *
   * @default '/'
   */
  readonly path?: string | undefined;

  /**
   * The host whose subdomains get the cookie too. It rules out the `__Host-` name.
   *
   * @default none: only the host that set it
   */
  readonly domain?: string | undefined;

  /**
   * Which requests from other sites bear the cookie. `'none'` needs `secure: true`.
   *
   * @default 'lax'
   */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;

  /**
   * Whether the cookie is for https only. `'auto'` follows the connection of each request.
   *
   * @default 'auto'
   */
  readonly secure?: boolean | 'auto' | undefined;

  /**
   * Whether the cookie of an https connection is named `__Host-…`, or `__Secure-…` where `domain` or
   * `path` rule that out, so that no other host can put one of its own in its place.
   *
   * @default true
   */
  readonly prefix?: boolean | undefined;

  /**
   * Whether the browser forgets the cookie when it is closed. False sends Max-Age: the lifetime.
   *
   * @default true
   */
  readonly clearWithBrowser?: boolean | undefined;

  /**
   * Whether the browser keeps the cookie apart for each site that embeds this one (CHIPS). Needs
   * `secure: true`.
   *
   * @default false
   */
  readonly partitioned?: boolean | undefined;

  /** Which cookies the browser drops first when there are too many. */
  readonly priority?: 'low' | 'medium' | 'high' | undefined;
}
