import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, type INestApplication, Param, Post, Req, Session } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type RequestSession, SessionModule, SessionService } from 'nestjs-session-bag';
import { readSession, sessionCookie } from 'nestjs-session-bag/testing';
import supertest from 'supertest';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { adapterOf, platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Visits = RequestSession<{ visits: number; by: string }>;
type Method = 'regenerate' | 'destroy' | 'reload' | 'save';

interface SessionRequest {
  readonly session?: Visits;
}

const calls = {
  'a callback': (session: Visits, method: Method) =>
    new Promise<void>((resolve, reject) => {
      const returned: unknown = session[method]((error) => (error ? reject(error) : resolve()));
      if (returned !== session) reject(new Error('A call with a callback gives the session.'));
    }),
  'a promise': (session: Visits, method: Method) => session[method](),
};

type Style = keyof typeof calls;

@Controller()
class VisitsController {
  /** The names of the errors that callbacks and promises gave. */
  static readonly failures: string[] = [];

  @Post('visit')
  visit(@Session() session: Visits) {
    session.visits = (session.visits ?? 0) + 1;
    return { ...session };
  }

  @Get('id')
  id(@Session() session: Visits) {
    return { id: session.id, touched: session.touch().resetMaxAge() === session };
  }

  @Post('call/:method/:style')
  async call(
    @Req() request: SessionRequest,
    @Param('method') method: Method,
    @Param('style') style: Style,
  ) {
    const before = request.session;
    if (before === undefined) return {};
    before.visits = 7;
    try {
      await calls[style](before, method);
    } catch (error) {
      VisitsController.failures.push((error as Error).name);
      return {};
    }
    const { session } = request;
    return { isSame: session === before, variables: session && { ...session } };
  }

  @Post('replace/:how')
  replace(@Req() request: { session: object | null }, @Param('how') how: string) {
    Object.assign(request.session ?? {}, { visits: 7 });
    request.session = how === 'null' ? null : { visits: 100 };
    return request.session ?? {};
  }

  @Get('cookie')
  cookie(@Session() session: Visits) {
    const { cookie } = session;
    return {
      names: Object.keys(session),
      isIn: 'cookie' in session,
      json: JSON.parse(JSON.stringify(session)) as unknown,
      cookieNames: Object.keys(cookie),
      cookieJson: JSON.parse(JSON.stringify(cookie)) as unknown,
    };
  }

  @Post('assign')
  assign(@Session() session: Record<string, unknown>) {
    session['save'] = 'no method';
  }
}

describe.each(platforms)('req.session on %s', (platform) => {
  let running: RunningApp;
  let store: CountingAdapter;
  let client: Client;

  beforeEach(async () => {
    store = new CountingAdapter();
    const imports = [SessionModule.forRoot({ adapter: store, autoStart: true })];
    running = await startApp(platform, { imports, controllers: [VisitsController] });
    client = new Client(running.url);
    await client.post('/visit');
  });
  afterEach(() => running.close());

  describe.each<Style>(['a callback', 'a promise'])('with %s', (style) => {
    const call = async (method: Method) =>
      (await client.post(`/call/${method}/${encodeURIComponent(style)}`)).json();
    const visits = async () => (await client.post('/visit')).json();

    it('save() stores', async () => {
      expect(await call('save')).toEqual({ isSame: true, variables: { visits: 7 } });
      expect(store.count('update')).toBe(1);
      expect(await visits()).toEqual({ visits: 8 });
    });

    it('reload() drops what is not stored', async () => {
      expect(await call('reload')).toEqual({ isSame: true, variables: { visits: 1 } });
      expect(await visits()).toEqual({ visits: 2 });
    });

    it('regenerate() gives an empty session', async () => {
      expect(await call('regenerate')).toEqual({ isSame: false, variables: {} });
      expect(await visits()).toEqual({ visits: 1 });
    });

    it('destroy() leaves no session on the request', async () => {
      expect(await call('destroy')).toEqual({ isSame: false });
      expect(client.cookies.size).toBe(0);
      expect(await visits()).toEqual({ visits: 1 });
    });

    it.each<Method>(['save', 'reload', 'regenerate', 'destroy'])(
      'R25 %s() says that the store is down, and leaves the session as it was',
      async (method) => {
        VisitsController.failures.length = 0;
        const before = client.cookies.get('sid');
        // Reading at the start of the request works; what the method asks for does not.
        store.planNext('read', async (execute) => {
          const record = await execute();
          store.isDown = true;
          return record;
        });
        const path = `/call/${method}/${encodeURIComponent(style)}`;
        const answer = await client.post(path);
        store.isDown = false;
        // What the handler had changed cannot be stored, so its own answer is not given.
        expect(answer.status).toBe(503);
        expect(VisitsController.failures).toEqual(['SessionStoreUnavailableException']);
        expect(client.cookies.get('sid')).toBe(before);
        expect(await visits()).toEqual({ visits: 2 });
      },
    );
  });

  it('tells the id that the cookie bears, and is touched by reading alone', async () => {
    expect((await client.get('/id')).json()).toEqual({
      id: client.cookies.get('sid'),
      touched: true,
    });
    expect((await new Client(running.url).get('/id')).json()).toEqual({ id: '', touched: true });
  });

  it.each([
    ['null', {}],
    ['object', { visits: 100 }],
  ])('is not replaced by an assignment (%s): the session goes on', async (how, seen) => {
    expect((await client.post(`/replace/${how}`)).json()).toEqual(seen);
    expect((await client.post('/visit')).json()).toEqual({ visits: 8 });
  });

  it('enumerates its variables, and not the cookie', async () => {
    expect((await client.get('/cookie')).json()).toEqual({
      names: ['visits'],
      isIn: false,
      json: { visits: 1 },
      cookieNames: ['httpOnly'],
      cookieJson: { httpOnly: true },
    });
  });

  it('refuses a variable with the name of a method', async () => {
    expect((await client.post('/assign')).status).toBe(500);
    expect((await client.post('/call/save/a%20promise')).json()).toMatchObject({ isSame: true });
  });
});

@Controller()
class SeenController {
  constructor(private readonly session: SessionService) {}

  @Get('seen')
  seen(@Session() session: Visits) {
    return { by: session.by, variable: this.session.get('by') };
  }
}

describe.each(platforms)('req.session in Test.createTestingModule on %s', (platform) => {
  let app: INestApplication;

  beforeEach(async () => {
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ autoStart: true })],
      controllers: [SeenController],
    }).compile();
    const adapter = adapterOf(platform);
    app = testing.createNestApplication(adapter);
    // As main.ts would register it: before anything of Nest.
    app.use((request: IncomingMessage & SessionRequest, _: ServerResponse, next: () => void) => {
      if (request.session) request.session.by = `middleware at ${request.session.by ?? 'first'}`;
      next();
    });
    await app.init();
    if (adapter instanceof FastifyAdapter) await adapter.getInstance().ready();
  });
  afterEach(() => app.close());

  it('is there for middleware, and is the session of the handler', async () => {
    const first = await supertest(app.getHttpServer()).get('/seen').expect(200);
    const by = 'middleware at first';
    expect(first.body).toEqual({ by, variable: by });
    expect((await readSession(app, first)).get('by')).toBe(by);
  });

  it('is there for middleware with what was stored', async () => {
    const cookie = await sessionCookie(app, { variables: { by: 'home' } });
    const seen = await supertest(app.getHttpServer()).get('/seen').set('Cookie', cookie);
    expect(seen.body).toMatchObject({ by: 'middleware at home' });
  });
});
