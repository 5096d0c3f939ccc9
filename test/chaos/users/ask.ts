import type { Action, Asked, Step } from '../journal/step.js';
import type { HttpClient } from './http-client.js';
import { cookieOf, readReply } from './read-reply.js';

/** Sends what is asked as a request, and tells how that went. */
export async function ask(client: HttpClient, asked: Asked): Promise<Step> {
  const { action, id } = asked;
  const method = action.kind === 'visit' ? 'GET' : 'POST';
  const reply = await client.send(method, pathOf(action), cookieOf(id));
  return { ...asked, ended: performance.now(), ...readReply(reply, action) };
}

function pathOf({ kind, ...what }: Action): string {
  return `/${[kind, ...Object.values(what)].join('/')}`;
}
