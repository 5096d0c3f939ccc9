import type { Action, Outcome, Step, Visit } from '../journal/step.js';
import type { Reply } from './http-client.js';

const COOKIE = 'sid';

/** What a reply says of its step. */
export type Told = Pick<
  Step,
  'outcome' | 'status' | 'failure' | 'visit' | 'newId' | 'isCleared' | 'isCut'
>;

export function cookieOf(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `${COOKIE}=${id}`;
}

export function readReply(reply: Reply, { kind }: Pick<Action, 'kind'>): Told {
  if ('failure' in reply) {
    // A request that was never taken did nothing.
    const outcome: Outcome = reply.failure === 'ECONNREFUSED' ? 'refused' : 'unknown';
    return { outcome, status: 0, failure: reply.failure };
  }
  const { status, body, setCookies } = reply;
  const outcome = outcomeOf(status);
  const isVisit = outcome === 'done' && kind !== 'logout' && kind !== 'revoke';
  return { outcome, status, ...(isVisit && { visit: parse(body) }), ...readCookie(setCookies) };
}

export function readCookie(setCookies: readonly string[]): Pick<Step, 'newId' | 'isCleared'> {
  const line = setCookies.find((each) => each.startsWith(`${COOKIE}=`));
  if (line === undefined) return {};
  if (line.includes('Max-Age=0')) return { isCleared: true };
  return { newId: line.slice(COOKIE.length + 1, line.indexOf(';')) };
}

function outcomeOf(status: number): Outcome {
  if (status === 200 || status === 201) return 'done';
  return status === 401 || status === 409 ? 'refused' : 'unknown';
}

function parse(body: string): Visit {
  return JSON.parse(body) as Visit;
}
