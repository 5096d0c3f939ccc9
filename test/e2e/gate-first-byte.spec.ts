import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  Get,
  HttpCode,
  Post,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import { of } from 'rxjs';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { bodyOf, headersOf, RawExchange, statusOf } from '../support/raw-exchange.js';
import { type PlatformResponse, rawOf, takeOver } from '../support/raw-response.js';

class Teapot extends Error {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_error: Teapot, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<PlatformResponse>();
    void response.status(418).send('short and stout');
  }
}

let file = '';

/** Every route changes the session, and then answers in its own way. */
@Controller()
class AnswersController {
  constructor(private readonly session: SessionService) {}

  @Post('begin')
  begin(): string {
    return this.changed('begun');
  }

  @Get('json')
  json(): object {
    return { said: this.changed('json') };
  }

  @Get('text')
  text(): string {
    return this.changed('text');
  }

  @Get('redirect')
  @Redirect('/elsewhere', 302)
  redirect(): void {
    this.changed();
  }

  @Get('redirect-by-hand')
  redirectByHand(@Res() response: PlatformResponse): void {
    this.changed();
    void response.status(302).redirect('/elsewhere');
  }

  @Delete('nothing')
  @HttpCode(204)
  nothing(): void {
    this.changed();
  }

  @Get('not-modified')
  notModified(@Res() response: PlatformResponse): void {
    this.changed();
    void response.header('ETag', '"1"').status(304).send();
  }

  @Get('streamable')
  streamable(): StreamableFile {
    this.changed();
    return new StreamableFile(createReadStream(file));
  }

  @Get('buffer')
  buffer(): StreamableFile {
    this.changed();
    return new StreamableFile(Buffer.from('a file'));
  }

  @Sse('events')
  events(): object {
    return of({ data: this.changed('event') });
  }

  @Get('written')
  written(@Res() response: PlatformResponse): void {
    this.changed();
    const raw = takeOver(response);
    raw.write('one ');
    raw.end('two');
  }

  @Get('head-by-hand')
  headByHand(@Res() response: PlatformResponse): void {
    this.changed();
    takeOver(response).writeHead(202, 'Well taken', { 'X-Own': 'yes' }).end('taken');
  }

  @Get('flushed')
  flushed(@Res() response: PlatformResponse): void {
    this.changed();
    const raw = takeOver(response);
    raw.flushHeaders();
    raw.end('flushed');
  }

  @Get('piped')
  piped(@Res() response: PlatformResponse): void {
    this.changed();
    Readable.from(['one ', 'two']).pipe(takeOver(response));
  }

  @Get('thrown')
  thrown(): never {
    this.changed();
    throw new Error('The handler failed.');
  }

  @Get('filtered')
  @UseFilters(TeapotFilter)
  filtered(): never {
    this.changed();
    throw new Teapot();
  }

  @Get('saving')
  saving(): string {
    this.changed();
    void this.session.save();
    return 'saving';
  }

  @Get('updating')
  updating(): string {
    void this.session.update('at', () => Date.now());
    return 'updating';
  }

  @Get('hints')
  hints(@Res({ passthrough: true }) response: PlatformResponse): string {
    this.changed();
    rawOf(response).writeEarlyHints({ link: '</style.css>; rel=preload' });
    return 'hinted';
  }

  @Post('upload')
  upload(): string {
    return this.changed('uploaded');
  }

  private changed(text = ''): string {
    this.session.set('at', Math.random());
    return text;
  }
}

@Controller('plain')
class PlainController {
  @Get()
  plain(): string {
    return 'plain';
  }
}

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
    file = join(folder, 'file.txt');
    await writeFile(file, 'a file');
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
