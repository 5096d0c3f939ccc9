import type { Asked, Step } from '../journal/step.js';
import type { HttpClient, Reply } from './http-client.js';
import { cookieOf, readCookie, readReply, type Told } from './read-reply.js';

/** A request that changes the session while its answer is being sent: in its middle, and at its end. */
export interface Stream extends Pick<Asked, 'id' | 'process' | 'begun'> {
  /** Of the order in the middle. */
  readonly token: string;
  /** The wish at the end. */
  readonly item: string;
  /** Milliseconds that it takes at least. */
  readonly pause: number;
}

/** What it says when the order is accepted, and before what a visit shows. */
const ORDERED = 'begun\nordered\n';
const STREAMED = 201;

/** What is asked with it: the order, then the wish. */
export function stepsOf({ token, item, id, process, begun }: Stream): readonly [Asked, Asked] {
  const common = { id, process, begun, isStreamed: true };
  return [
    { ...common, action: { kind: 'order', token } },
    { ...common, action: { kind: 'wish', item } },
  ];
}

/**
 * Sends it, and tells how both went. The order is acknowledged as soon as the stream says so, the
 * wish by the end of the stream, and by a clean one only.
 */
export async function askStream(
  client: HttpClient,
  stream: Stream,
): Promise<readonly [order: Step, wish: Step]> {
  const { token, item, pause, id } = stream;
  const [order, wish] = stepsOf(stream);
  let orderedBy: number | undefined;
  const path = `/stream/${token}/${item}/${pause}`;
  const reply = await client.send('POST', path, cookieOf(id), (body) => {
    if (body.startsWith(ORDERED)) orderedBy ??= performance.now();
  });
  const ended = performance.now();
  const whole: Step = { ...wish, ended, ...readStream(reply) };
  if (orderedBy !== undefined) {
    return [{ ...order, ended: orderedBy, outcome: 'done', status: STREAMED }, whole];
  }
  const { outcome, status, failure = '', isCut = false } = whole;
  return [{ ...order, ended, outcome, status, failure, isCut }, whole];
}

function readStream(reply: Reply): Told {
  const head = 'failure' in reply ? reply.head : reply;
  if (head?.status !== STREAMED) return readReply(reply, { kind: 'wish' });
  const cookie = readCookie(head.setCookies);
  if ('failure' in reply) {
    return { outcome: 'unknown', status: 0, failure: reply.failure, isCut: true, ...cookie };
  }
  const shown = reply.body.slice(ORDERED.length);
  // One that ends as if all were well has acknowledged all.
  if (shown === '') return { outcome: 'done', status: STREAMED, ...cookie };
  return readReply({ ...reply, body: shown }, { kind: 'wish' });
}
