import type { Action, Asked, Outcome, Step, Visit } from '../journal/step.js';
import type { HttpClient, Reply } from './http-client.js';

const COOKIE = 'sid';

/** Sends what is asked as a request, and tells how that went. */
export async function ask(client: HttpClient, asked: Asked): Promise<Step> {
  const { action, id } = asked;
  const method = action.kind === 'visit' ? 'GET' : 'POST';
  const cookie = id === undefined ? undefined : `${COOKIE}=${id}`;
  const reply = await client.send(method, pathOf(action), cookie);
  return { ...asked, ended: performance.now(), ...readReply(reply, action) };
}

function pathOf({ kind, ...what }: Action): string {
  return `/${[kind, ...Object.values(what)].join('/')}`;
}

function readReply(reply: Reply, { kind }: Action) {
  if ('failure' in reply) {
    // A request that was never taken did nothing.
    const outcome: Outcome = reply.failure === 'ECONNREFUSED' ? 'refused' : 'unknown';
    return { outcome, status: 0, failure: reply.failure };
  }
  const { status, body, setCookies } = reply;
  const outcome = outcomeOf(status);
  const isVisit = outcome === 'done' && kind !== 'logout';
  return { outcome, status, ...(isVisit && { visit: parse(body) }), ...readCookie(setCookies) };
}

function outcomeOf(status: number): Outcome {
  if (status === 200 || status === 201) return 'done';
  return status === 401 || status === 409 ? 'refused' : 'unknown';
}

function readCookie(setCookies: readonly string[]): Pick<Step, 'newId' | 'isCleared'> {
  const line = setCookies.find((each) => each.startsWith(`${COOKIE}=`));
  if (line === undefined) return {};
  if (line.includes('Max-Age=0')) return { isCleared: true };
  return { newId: line.slice(COOKIE.length + 1, line.indexOf(';')) };
}

function parse(body: string): Visit {
  return JSON.parse(body) as Visit;
}
