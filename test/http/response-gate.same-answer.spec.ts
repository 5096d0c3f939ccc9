import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Handler,
  type Gated,
  type GatedServer,
  RawClient,
  startGatedServer,
} from '../support/gated-server.js';
import { type Answer, answers } from './answers.js';

/** What is free to leave before the commit. */
const informationalBytes = new Map([
  [
    answers['early hints and processing'],
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'.length +
      'HTTP/1.1 102 Processing\r\n\r\n'.length,
  ],
]);

const requests: Record<string, [line: string, more: string]> = {
  'GET of': ['GET /', 'Connection: close\r\n\r\n'],
  'HEAD of': ['HEAD /', 'Connection: close\r\n\r\n'],
};

describe.each(Object.keys(requests))('R18 %s', (kindOfRequest) => {
  let server: GatedServer;

  beforeAll(async () => {
    server = await startGatedServer();
  });
  afterAll(() => server.close());

  it.each(Object.keys(answers))('%s is the same with and without the gate', async (kind) => {
    const handler = answers[kind] as Answer;
    const request = requests[kindOfRequest] as [string, string];
    const expected = await exchange('ungated', handler, request);

    const unused = await exchange('unchanged', handler, request);
    expect(unused).toEqual(expected);

    const held = await exchange('changed', handler, request);
    expect(held).toEqual(expected);
  });

  async function exchange(
    kind: 'changed' | 'unchanged' | 'ungated',
    answer: Answer,
    request: [string, string],
  ): Promise<{ text: string; notes: string[] }> {
    const notes: string[] = [];
    const note = (what: string): void => void notes.push(what);
    server.serve(kind, listening(answer, note));
    const coming = server.next();
    const client = await RawClient.connect(server.port);
    client.send(...request);
    const gated = await coming;
    if (kind === 'changed') await accepted(gated, informationalBytes.get(answer) ?? 0);
    const text = await client.all();
    if (!notes.includes('close')) await once(gated.response, 'close');
    return { text: withoutOurs(text, kind), notes };
  }
});

/** Proves, before it accepts the commit, that the server has sent nothing but informational answers. */
async function accepted({ exchange, response }: Gated, informational: number): Promise<void> {
  await exchange.committing();
  expect(response.headersSent).toBe(true);
  expect(response.socket?.bytesWritten).toBe(informational);
  await exchange.accept();
}

function listening(answer: Answer, note: (what: string) => void): Handler {
  return (request, response) => {
    response.on('finish', () => note('finish'));
    response.on('close', () => note('close'));
    answer(response, note, request);
  };
}

/** Takes out the date, and the cookie that the gated answer must have. */
function withoutOurs(text: string, kind: string): string {
  const ours = 'Set-Cookie: sid=fake\r\n';
  expect(text.split(ours)).toHaveLength(kind === 'ungated' ? 1 : 2);
  return text.replace(ours, '').replace(/Date: .*\r\n/, '');
}
