import { SessionCookie, type SessionCookieSettings } from '../../lib/http/session-cookie.js';
import { resolveSessionOptions } from '../../lib/session.options.js';

/** The cookie of an application with the default options but for these, which are not checked. */
export function cookieWith(settings: Partial<SessionCookieSettings> = {}): SessionCookie {
  return new SessionCookie({ ...resolveSessionOptions({}), ...settings });
}
