import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { bodyOf, headersOf, RawExchange, statusOf } from '../support/raw-exchange.js';
import { AnswersController, PlainController, sent } from './answers.controller.js';

interface Answer {
  readonly line: string;
  readonly status: number;
  readonly body?: string;
}

const EVENTS = 'GET /events';

const answers: Record<string, Answer> = {
  JSON: { line: 'GET /json', status: 200, body: '{"said":"json"}' },
  text: { line: 'GET /text', status: 200, body: 'text' },
  HEAD: { line: 'HEAD /text', status: 200, body: '' },
  '@Redirect': { line: 'GET /redirect', status: 302 },
  'response.redirect': { line: 'GET /redirect-by-hand', status: 302 },
  '204': { line: 'DELETE /nothing', status: 204, body: '' },
  '304': { line: 'GET /not-modified', status: 304, body: '' },
  'StreamableFile of a file': { line: 'GET /streamable', status: 200, body: 'a file' },
  'StreamableFile of a buffer': { line: 'GET /buffer', status: 200, body: 'a file' },
  '@Sse': { line: EVENTS, status: 200 },
  '@Res() with write and end': { line: 'GET /written', status: 200, body: 'one two' },
  '@Res() with writeHead': { line: 'GET /head-by-hand', status: 202, body: 'taken' },
  '@Res() with flushHeaders': { line: 'GET /flushed', status: 200, body: 'flushed' },
  '@Res() with a pipe': { line: 'GET /piped', status: 200, body: 'one two' },
  'a handler that throws': { line: 'GET /thrown', status: 500 },
  'an exception filter': { line: 'GET /filtered', status: 418, body: 'short and stout' },
  'a save() nobody waits for': { line: 'GET /saving', status: 200, body: 'saving' },
  'an update() nobody waits for': { line: 'GET /updating', status: 200, body: 'updating' },
};

describe.each(platforms)('the first byte on %s', (platform) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let client: Client;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'first-byte-'));
    sent.file = join(folder, 'file.txt');
    await writeFile(sent.file, 'a file');
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [AnswersController, PlainController],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    client = new Client(running.url);
    await client.post('/begin');
    store.reset();
  });

  /** Sends a request, and gives what has come before the store has accepted, and all in the end. */
  async function across(
    method: 'create' | 'update',
    line: string,
    headers: readonly string[] = [],
    body = '',
  ): Promise<{ before: string; all: string }> {
    const call = store.holdNext(method);
    const exchange = await RawExchange.open(running.port);
    exchange.request(line, headers, body);
    await call.arrived;
    // What had been sent before would have come by the time another request has been answered.
    await new Client(running.url).get('/plain');
    const before = exchange.received;
    call.release();
    if (line !== EVENTS) return { before, all: await exchange.toEnd() };
    // Nest keeps the connection of server-sent events.
    await exchange.waitFor('data: event');
    exchange.close();
    return { before, all: exchange.received };
  }

  it.each(Object.entries(answers))(
    'R14 %s comes after the store has accepted',
    async (_, { line, status, body }) => {
      const { before, all } = await across('update', line, [`Cookie: ${cookieOf(client)}`]);
      expect(before).toBe('');
      const seen = body === undefined ? {} : { body: bodyOf(all) };
      expect({ status: statusOf(all), ...seen }).toEqual({ status, body });
      expect(store.count('update')).toBe(1);
    },
  );

  it.each([['JSON'], ['response.redirect'], ['@Sse'], ['StreamableFile of a file']])(
    'R14 R21 %s comes with the cookie of a session that has just been created',
    async (kind) => {
      const { before, all } = await across('create', answers[kind]?.line ?? '');
      expect(before).toBe('');
      expect(headersOf(all, 'Set-Cookie')).toEqual([expect.stringMatching(/^sid=[\w-]{43}; /)]);
      expect(headersOf(all, 'Cache-Control').join()).toMatch(/no-store/);
    },
  );

  it('R14 R18 early hints are free, the answer is not', async () => {
    const { before, all } = await across('update', 'GET /hints', [`Cookie: ${cookieOf(client)}`]);
    expect(before).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: [^]*\r\n\r\n$/i);
    expect(all.startsWith(before)).toBe(true);
    expect(bodyOf(all)).toBe('hinted');
  });

  it('R14 R18 100 Continue is free, the answer is not', async () => {
    const headers = [
      `Cookie: ${cookieOf(client)}`,
      'Content-Type: application/json',
      'Content-Length: 2',
      'Expect: 100-continue',
    ];
    const { before, all } = await across('update', 'POST /upload', headers, '{}');
    expect(before).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(statusOf(all)).toBe(201);
    expect(bodyOf(all)).toBe('uploaded');
  });

  it('R14 two answers on one connection keep their order', async () => {
    const call = store.holdNext('update');
    const exchange = await RawExchange.open(running.port);
    exchange.send(`GET /text HTTP/1.1\r\nHost: x\r\nCookie: ${cookieOf(client)}\r\n\r\n`);
    exchange.request('GET /plain');
    await call.arrived;
    await new Client(running.url).get('/plain');
    expect(exchange.received).toBe('');
    call.release();
    const bodies = (await exchange.toEnd()).split(/HTTP\/1\.1 200[^]*?\r\n\r\n/).slice(1);
    expect(bodies).toEqual(['text', 'plain']);
  });

  it('R14 a conditional request is answered 304 after the store has accepted', async () => {
    const etag = '"1"';
    const headers = [`Cookie: ${cookieOf(client)}`, `If-None-Match: ${etag}`];
    const { before, all } = await across('update', 'GET /not-modified', headers);
    expect(before).toBe('');
    expect(statusOf(all)).toBe(304);
    expect(headersOf(all, 'ETag')).toEqual([etag]);
  });
});

function cookieOf(client: Client): string {
  return `sid=${client.cookies.get('sid')}`;
}
