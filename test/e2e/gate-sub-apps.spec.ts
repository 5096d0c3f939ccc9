import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { FastifyInstance } from 'fastify';
import { SessionContext, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { compress } from '../support/compression.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { type Platform, platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Handler = (request: Request, response: Response, next: NextFunction) => void;

const running: RunningApp[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

@Controller()
class SeenController {
  constructor(private readonly context: SessionContext) {}

  @Get('seen') async seen(): Promise<string> {
    const session = await this.context.start();
    return session.get('seen', 'nothing');
  }
}

interface Setting {
  readonly app: INestApplication;
  /** Changes the session. */
  readonly change: Handler;
}

/** Asserts that what `/in` answers, in an application with this main.ts, waits for the store. */
async function expectGated(
  main: (setting: Setting) => void,
  adapter: Platform | AbstractHttpAdapter = 'express',
): Promise<void> {
  const store = new CountingAdapter();
  const module = {
    imports: [SessionModule.forRoot({ adapter: store })],
    controllers: [SeenController],
  };
  const started = await startApp(adapter, module, (app) =>
    main({ app, change: changing(app.get(SessionContext)) }),
  );
  running.push(started);

  const client = new Client(started.url);
  const answer = await client.get('/in');
  expect([answer.status, answer.text]).toEqual([200, 'from within']);
  expect([...client.cookies.keys()]).toEqual(['sid']);
  expect((await client.get('/seen')).text).toBe('this');
  store.failNext('create', 3);
  expect((await new Client(started.url).get('/in')).status).toBe(503);
}

function changing(context: SessionContext): Handler {
  return (_request, _response, next) => {
    context.start().then((session) => {
      session.set('seen', 'this');
      next();
    }, next);
  };
}

/** An Express application that answers, after some middleware of its own. */
function answering(...middleware: Handler[]): Express {
  const inner = express();
  for (const handler of middleware) inner.use(handler);
  return inner.get('/in', (_request, response) => void response.send('from within'));
}

/** What the application is to a server. */
function handlerOf(app: INestApplication): (request: Request, response: Response) => void {
  const instance = app.getHttpAdapter().getInstance() as Express | FastifyInstance;
  if (!('routing' in instance)) return instance;
  return (request, response) => instance.routing(request, response);
}

/** As `consumer.apply()` and routers call an application: it is not mounted. */
function called(inner: Express): Handler {
  return (request, response, next) => inner(request, response, next);
}

describe('R14 the answer of an Express application that is called and not mounted', () => {
  it('waits for what was changed before', () =>
    expectGated(({ app, change }) => {
      app.use(change);
      app.use(called(answering()));
    }));

  it('waits for what it changes', () =>
    expectGated(({ app, change }) => {
      app.use(called(answering(change)));
    }));

  it('waits behind compression of the outer application', () =>
    expectGated(({ app, change }) => {
      app.use(compress);
      app.use(called(answering(change)));
    }));

  it('waits behind its own compression', () =>
    expectGated(({ app, change }) => {
      app.use(change);
      app.use(called(answering(compress)));
    }));

  it('waits for what it changes after its own compression', () =>
    expectGated(({ app, change }) => {
      app.use(called(answering(compress, change)));
    }));

  it('waits for what is changed after it', () =>
    expectGated(({ app, change }) => {
      app.use(called(express()));
      app.use(change);
      app.use('/in', (_request: Request, response: Response) => void response.send('from within'));
    }));

  it('waits where one was left before compression and the next is mounted', () =>
    expectGated(({ app, change }) => {
      app.use(called(express()));
      app.use(compress);
      app.use(answering(change));
    }));

  it('waits where it calls another one', () =>
    expectGated(({ app, change }) => {
      app.use(called(answering(change, called(answering()))));
    }));
});

describe('R14 the answer of an application', () => {
  it.each(platforms)('waits where a request goes through it twice, on %s', (platform) =>
    expectGated(({ app, change }) => {
      app.use('/in', change);
      app.use((request: Request, response: Response, next: NextFunction) => {
        if (request.url !== '/in') return next();
        request.url = '/again';
        handlerOf(app)(request, response);
      });
      app.use(
        '/again',
        (_request: Request, response: Response) => void response.end('from within'),
      );
    }, platform),
  );

  it('waits where middleware sets the response of a request', () =>
    expectGated(({ app, change }) => {
      app.use(change);
      app.use('/in', (request: Request, response: Response) => {
        const other = Object.assign(Object.create(request), { res: 'other' }) as { res: unknown };
        expect([request.res === response, other.res]).toEqual([true, 'other']);
        Object.assign(request, { res: 'none' });
        expect(request.res).toBe('none');
        response.end('from within');
      });
    }));

  it('keeps the methods that were put on its responses before', async () => {
    const instance = express();
    const ends: string[] = [];
    instance.response.end = function (this: Response, ...args: []) {
      ends.push(this.req.path);
      return Object.getPrototypeOf(instance.response).end.apply(this, args);
    };
    await expectGated(({ app, change }) => {
      app.use(change);
      app.use('/in', (_request: Request, response: Response) => void response.send('from within'));
    }, new ExpressAdapter(instance));
    expect(ends).toHaveLength(3);
  });
});
