import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Redirect,
  Res,
} from '@nestjs/common';
import {
  SessionContext,
  SessionException,
  SessionModule,
  SessionSerializationException,
  SessionService,
} from 'nestjs-session-bag';
import { captureLogs, type CapturedLog, ownLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

const SECRET = 'the value that nobody may see';
const store = new CountingAdapter();

/** What happens between the change and the answer. */
let meanwhile: (session: SessionService) => void | Promise<void> = () => undefined;

/** What happens before a request that no route is found for is answered. */
let notFound: ((session: SessionService) => void) | undefined;

/** Headers of the answer that is not given. */
const GONE = {
  'set-cookie': 'theme=dark',
  'content-language': 'de',
  'content-disposition': 'attachment; filename="a.txt"',
  'last-modified': 'Mon, 23 Nov 2026 07:00:00 GMT',
  etag: '"1"',
  expires: 'Mon, 23 Nov 2026 08:00:00 GMT',
};

/** Headers that hold for any answer of this application. */
const KEPT = {
  'access-control-allow-origin': 'https://app.example',
  'access-control-allow-credentials': 'true',
  'content-security-policy': "default-src 'none'",
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

@Controller()
class AnswersController {
  constructor(private readonly session: SessionService) {}

  @Get('json')
  async json(): Promise<object> {
    await this.change();
    return { ok: true };
  }

  @Get('headers')
  async headers(@Res({ passthrough: true }) response: PlatformResponse): Promise<string> {
    for (const [name, value] of Object.entries({ ...GONE, ...KEPT })) response.header(name, value);
    response.header('cache-control', 'public, max-age=60');
    await this.change();
    return 'ok';
  }

  @Get('redirect')
  @Redirect('/welcome')
  async redirect(): Promise<void> {
    await this.change();
  }

  @Get('stream')
  async stream(@Res() response: PlatformResponse): Promise<void> {
    await this.change();
    const raw = takeOver(response);
    raw.writeHead(200, 'Fine', { 'Content-Type': 'text/plain', 'X-Frame-Options': 'DENY' });
    Readable.from(['one ', 'two']).pipe(raw);
  }

  @Get('thrown')
  async thrown(): Promise<never> {
    await this.change();
    throw new Error('The handler failed.');
  }

  @Get('nothing')
  async nothing(@Res() response: PlatformResponse): Promise<void> {
    await this.change();
    const raw = takeOver(response);
    raw.statusCode = 204;
    raw.end();
  }

  @Get('orders/:order')
  order(): Promise<object> {
    return this.json();
  }

  @Get('value')
  value(): unknown {
    return { secret: this.session.get('secret'), cart: this.session.get('cart') };
  }

  @Get('begin')
  begin(): void {
    this.session.set('cart', {});
  }

  private async change(): Promise<void> {
    this.session.set('secret', SECRET);
    await meanwhile(this.session);
  }
}

@Controller('plain')
class PlainController {
  @Get()
  plain(): string {
    return 'plain';
  }
}

/** Sees what reaches Nest of this package's errors. */
@Catch(SessionException)
class WatchingFilter implements ExceptionFilter {
  readonly seen: unknown[] = [];

  catch(error: SessionException, host: ArgumentsHost): void {
    this.seen.push(error);
    void host.switchToHttp().getResponse<PlatformResponse>().status(418).send('filtered');
  }
}

const failures: Record<string, { status: number; message: string; fail: typeof meanwhile }> = {
  'the store fails': {
    status: 503,
    message: 'Service Unavailable',
    fail: () => void (store.isDown = true),
  },
  'the session ended meanwhile': {
    status: 409,
    message: 'Conflict',
    fail: (session) => store.destroy(session.key),
  },
  'a value cannot be stored': {
    status: 500,
    message: 'Internal server error',
    fail: (session) => void Object.assign(session.get('cart', {}), { act: () => SECRET }),
  },
  'the session is too large for its store': {
    status: 500,
    message: 'Internal server error',
    fail: () =>
      store.planNext('update', () =>
        Promise.reject(new SessionSerializationException('Too large.')),
      ),
  },
};

describe.each(platforms)('an answer whose changes were not accepted on %s', (platform) => {
  const filter = new WatchingFilter();
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(
      platform,
      {
        imports: [SessionModule.forRoot({ adapter: store })],
        controllers: [AnswersController, PlainController],
      },
      (app) => {
        app.useGlobalFilters(filter);
        const context = app.get(SessionContext);
        app.use((_request: unknown, _response: unknown, next: (error?: unknown) => void) => {
          if (notFound === undefined) return next();
          const change = notFound;
          context
            .start()
            .then(change)
            .then(() => next(), next);
        });
      },
    );
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    store.isDown = false;
    meanwhile = () => undefined;
    notFound = undefined;
    client = new Client(running.url);
    await client.get('/begin');
    filter.seen.length = 0;
  });

  describe.each(Object.entries(failures))('R15 when %s', (_, { status, message, fail }) => {
    beforeEach(() => {
      meanwhile = fail;
    });

    it.each([['json'], ['redirect'], ['stream'], ['nothing'], ['thrown']])(
      '%s is answered in the shape of Nest instead',
      async (path) => {
        const logs = captureLogs();
        const answer = await client.get(`/${path}`);
        expect(answer.status).toBe(status);
        expect(answer.json()).toEqual({ statusCode: status, message });
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.headers.get('location')).toBeNull();
        expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
        expect(answer.setCookies).toEqual([]);
        expect(ownLogs(logs)).toHaveLength(1);
        expectNoSecrets(answer, logs, client);
      },
    );

    it('HEAD is answered with the head alone', async () => {
      captureLogs();
      const answer = await client.send('HEAD', '/json');
      expect(answer.status).toBe(status);
      expect(answer.text).toBe('');
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    });

    it('headers of the answer go, those of the application stay', async () => {
      captureLogs();
      const answer = await client.get('/headers');
      expect(answer.status).toBe(status);
      expect(Object.keys(GONE).filter((name) => answer.headers.has(name))).toEqual([]);
      expect(Object.fromEntries(answer.headers)).toMatchObject(KEPT);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });
  });

  it('R15 the store has nothing of it, and the session goes on', async () => {
    captureLogs();
    meanwhile = () => void (store.isDown = true);
    expect((await client.get('/json')).status).toBe(503);
    store.isDown = false;
    expect((await client.get('/value')).json()).toEqual({ cart: {} });
  });

  it('R15 a new session that the store does not take leaves no cookie', async () => {
    captureLogs();
    meanwhile = () => void (store.isDown = true);
    const answer = await new Client(running.url).get('/json');
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
  });

  it('R15 the log names the route by its pattern, and nothing of the request', async () => {
    const logs = captureLogs();
    meanwhile = () => void (store.isDown = true);
    await client.get('/orders/4711?token=t0ken');
    const [line] = ownLogs(logs);
    expect(line?.text).toContain('The session changes of GET /orders/:order were not stored.');
    expect(line?.text).not.toMatch(/4711|t0ken/);
  });

  it('R15 the log names the method alone where there is no route', async () => {
    const logs = captureLogs();
    notFound = (session) => {
      session.set('secret', SECRET);
      store.isDown = true;
    };
    await client.send('DELETE', '/nowhere/4711');
    const [line] = ownLogs(logs);
    expect(line?.text).toContain('The session changes of a DELETE request were not stored.');
    expect(line?.text).not.toContain('4711');
  });

  it('R15 filters do not see it', async () => {
    captureLogs();
    meanwhile = () => void (store.isDown = true);
    await client.get('/json');
    expect(filter.seen).toEqual([]);
  });

  it('R15 R23 a route without a session is answered while the store is down', async () => {
    store.isDown = true;
    const answer = await client.get('/plain');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('plain');
  });
});

function expectNoSecrets(answer: Answer, logs: readonly CapturedLog[], client: Client): void {
  const id = client.cookies.get('sid') ?? '';
  const said = [answer.text, ...logs.map(({ text }) => text)].join('\n');
  expect(id).toHaveLength(43);
  expect(said).not.toContain(id);
  expect(said).not.toContain(SECRET);
  expect(
    ownLogs(logs)
      .map(({ text }) => text)
      .join(),
  ).not.toContain('10.11.12.13');
}
