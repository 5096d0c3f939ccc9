import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { SessionContext, SessionModule, SessionService } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { compress } from '../support/compression.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

const MEGABYTE = 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const store = new CountingAdapter();

/** What the handlers noted on their way. */
let notes: unknown[] = [];
/** Bytes that the large stream has given. */
let produced = 0;

/** Each route answers with a changed session where `change` is given, and without one elsewhere. */
@Controller()
class AnswersController {
  constructor(private readonly context: SessionContext) {}

  @Get('json')
  async json(@Query('change') change?: string): Promise<object> {
    await this.prepare(change);
    return { hello: 'world' };
  }

  @Get('cookies')
  async cookies(
    @Res({ passthrough: true }) response: PlatformResponse,
    @Query('change') change?: string,
  ): Promise<string> {
    await this.prepare(change);
    response.header('set-cookie', ['a=1; Path=/', 'b=2; Path=/']);
    return 'cookies';
  }

  @Get('head')
  async head(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    const raw = takeOver(response);
    raw.setHeader('X-Set', 'yes');
    raw.writeHead(203, 'As it were', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-List', 'yes']);
    raw.end('head');
  }

  @Get('asked')
  async asked(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    const raw = takeOver(response);
    const look = (): unknown => [raw.headersSent, raw.writableEnded];
    notes.push(look());
    raw.write('one ');
    notes.push(
      look(),
      codeOf(() => raw.setHeader('X-Late', 'yes')),
    );
    notes.push(
      codeOf(() => raw.writeHead(500)),
      codeOf(() => raw.appendHeader('X-Late', 'yes')),
    );
    raw.end('two');
    notes.push(
      look(),
      codeOf(() => raw.removeHeader('X-Late')),
    );
    raw.on('error', (error: NodeJS.ErrnoException) => notes.push(error.code));
    raw.write('three');
    raw.end('four');
  }

  @Get('twice')
  async twice(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    void response.send('first');
    void response.send('second');
  }

  @Get('thrown')
  async thrown(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    takeOver(response).end('first');
    throw new Error('The handler failed.');
  }

  @Get('large')
  async large(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    largeBody().pipe(takeOver(response));
  }

  @Get('loop')
  async loop(@Res() response: PlatformResponse, @Query('change') change?: string): Promise<void> {
    await this.prepare(change);
    const raw = takeOver(response);
    for await (const chunk of largeBody()) {
      if (!raw.write(chunk)) await new Promise((resolve) => raw.once('drain', resolve));
    }
    raw.end();
  }

  private async prepare(change: string | undefined): Promise<void> {
    if (change !== undefined) (await this.context.start()).set('at', Math.random());
  }
}

@Controller('begin')
class BeginController {
  constructor(private readonly session: SessionService) {}

  @Get()
  begin(): void {
    this.session.set('at', 0);
  }
}

const routes = ['json', 'cookies', 'head', 'asked', 'twice', 'thrown', 'large', 'loop'] as const;

describe.each(platforms)('the gate on %s', (platform) => {
  let running: RunningApp;
  let client: Client;

  describe.each(['without', 'with'] as const)('%s compression', (how) => {
    beforeAll(async () => {
      running = await startApp(
        platform,
        {
          imports: [SessionModule.forRoot({ adapter: store })],
          controllers: [AnswersController, BeginController],
        },
        (app) => {
          app.use(addLateHeader);
          if (how === 'with') app.use(compress);
        },
      );
    });

    afterAll(() => running.close());

    beforeEach(async () => {
      notes = [];
      produced = 0;
      client = new Client(running.url);
      await client.get('/begin');
      store.reset();
    });

    it.each(routes)('R18 leaves /%s as it is without a session', async (route) => {
      captureLogs();
      const plain = await client.get(`/${route}`);
      const plainNotes = notes;
      notes = [];
      const changed = await client.get(`/${route}?change=1`);
      expect(store.count('update')).toBe(1);
      expect(changed.status).toBe(plain.status);
      expect(hashOf(changed.text)).toBe(hashOf(plain.text));
      expect(without(changed.headers, 'vary')).toEqual(without(plain.headers, 'vary'));
      // Of the cookies in a list, Node 20 drops all but the last where a header was set before; the gate
      // does not.
      expect(changed.setCookies).toEqual(expect.arrayContaining([...plain.setCookies]));
      expect(plain.setCookies.at(-1)).toEqual(changed.setCookies.at(-1));
      expect(notes).toEqual(plainNotes);
      expect(changed.headers.get('x-late-header')).toBe('added');
    });

    it.each(['cookies', 'head'])(
      "R18 R21 /%s keeps its cookies beside the session's",
      async (route) => {
        const newcomer = new Client(running.url);
        const { setCookies } = await newcomer.get(`/${route}?change=1`);
        expect(setCookies).toHaveLength(3);
        expect(setCookies.map((cookie) => cookie.split('=', 1)[0]).join()).toBe('a,b,sid');
      },
    );

    it.each(['large', 'loop'])(
      'R18 holds back the writer of /%s with its answer',
      async (route) => {
        const commit = store.holdNext('update');
        const answering = client.get(`/${route}?change=1`);
        await commit.arrived;
        await new Client(running.url).get('/json');
        expect(produced).toBeLessThan(MEGABYTE);
        commit.release();
        expect((await answering).text).toHaveLength(10 * MEGABYTE);
      },
    );
  });
});

/** As the package `on-headers` does. */
function addLateHeader(_: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { writeHead } = response as unknown as { writeHead: (...args: unknown[]) => unknown };
  response.writeHead = ((...args: unknown[]) => {
    if (!response.headersSent) response.setHeader('X-Late-Header', 'added');
    return writeHead.apply(response, args);
  }) as ServerResponse['writeHead'];
  next();
}

/** Ten megabytes. */
function largeBody(): Readable {
  let left = 160;
  return new Readable({
    read() {
      produced += left > 0 ? CHUNK.length : 0;
      this.push(left-- > 0 ? CHUNK : null);
    },
  });
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
    return 'done';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function hashOf(text: string): string {
  return `${text.length} ${createHash('sha256').update(text).digest('hex')}`;
}

function without(headers: Headers, ...names: string[]): Record<string, string> {
  const kept = new Headers(headers);
  for (const name of ['date', ...names]) kept.delete(name);
  return Object.fromEntries(kept);
}
