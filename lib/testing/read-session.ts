import type { INestApplicationContext } from '@nestjs/common';
import { SessionContextException } from '../exceptions/session.exceptions.js';
import { readCookie } from '../http/cookie-header.js';
import { Exchange } from '../http/exchange.js';
import type { SessionCookie } from '../http/session-cookie.js';
import type { SessionService } from '../session.service.js';
import { receivedCookies, type ReceivedCookies, type SessionSource } from './received-cookies.js';
import { sessionsOf, UnsentRequest } from './unsent-request.js';

/**
 * The session as the next request of a browser would find it that has received this response; to
 * look into: whatever would change it throws SessionContextException. `isNew` says that there is
 * none. It is read from the store once.
 *
 * @param app whose session it is
 * @param source the response; or the Cookie header of a request, or Set-Cookie headers
 * @throws Error when the response sets no session cookie and does not tell which one its request had
 * @throws SessionStoreUnavailableException
 * @publicApi
 */
export async function readSession(
  app: INestApplicationContext,
  source: SessionSource,
): Promise<SessionService> {
  const sessions = sessionsOf(app);
  const pair = latest(receivedCookies(source), sessions.cookie);
  const { exchange } = new UnsentRequest(sessions, pair, LookingExchange);
  // Too late for a cookie before it begins: no id is renewed by looking.
  exchange.onHeadersSent();
  return exchange.session.start();
}

class LookingExchange extends Exchange {
  assertMayChange(): never {
    throw new SessionContextException(
      'The session that readSession() gives is there to be looked into, and cannot be changed. Change ' +
        'it by a request, or prepare another one with sessionCookie().',
    );
  }
}

interface SessionPair {
  readonly cookie: string;
  readonly https: boolean;
}

/** What the browser has after the response: what was set, and else what it had sent. */
function latest({ set, sent }: ReceivedCookies, cookie: SessionCookie): SessionPair {
  const found = pairIn(set, cookie) ?? (sent === undefined ? undefined : pairIn(sent, cookie));
  if (found) return found;
  if (sent !== undefined) return { cookie: '', https: false };
  throw new Error(
    'The response sets no session cookie, and it does not tell which one its request had. Pass the ' +
      'Cookie header of the request in place of the response.',
  );
}

/** The session's cookie under the name for http or the one for https, with all of its values. */
function pairIn(header: string, cookie: SessionCookie): SessionPair | undefined {
  for (const https of [false, true]) {
    const name = cookie.nameFor(https);
    const values = readCookie(header, name);
    if (values.length > 0) {
      return { cookie: values.map((value) => `${name}=${value}`).join('; '), https };
    }
  }
  return undefined;
}
