import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Controller, Get, type INestApplication, Req, Res } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import express, { type Express, type Request, type Response } from 'express';
import { Client } from '../support/client.js';
import { type RunningApp, startApp } from '../support/http-apps.js';
import { RawExchange } from '../support/raw-exchange.js';

@Controller()
class VisitsController {
  constructor(private readonly session: SessionService) {}

  @Get('visits') count(@Res() response: Response): void {
    const visits = this.session.get('visits', 0) + 1;
    this.session.set('visits', visits);
    response.json({ visits });
  }

  @Get('seen') seen(@Req() { query, protocol, path }: Request): object {
    return { query, protocol, path };
  }
}

const module = { imports: [SessionModule.forRoot()], controllers: [VisitsController] };

const running: Pick<RunningApp, 'close'>[] = [];

afterEach(async () => {
  for (const { close } of running.splice(0)) await close();
});

async function start(
  configure?: (app: INestApplication) => void,
  adapter = new ExpressAdapter(),
): Promise<RunningApp> {
  const started = await startApp(adapter, module, configure);
  running.push(started);
  return started;
}

const instanceOf = (app: INestApplication) => app.getHttpAdapter().getInstance() as Express;
const serverOf = (app: INestApplication) => app.getHttpServer() as Server;

/** What the next request and its response are before anybody has touched them. */
function nextMessages(server: Server): Promise<[IncomingMessage, ServerResponse]> {
  return new Promise((resolve) => {
    const listener: RequestListener = (...messages) => resolve(messages);
    server.prependOnceListener('request', listener);
  });
}

async function expectTwoVisits(url: string): Promise<void> {
  const client = new Client(url);
  expect((await client.get('/visits')).json()).toEqual({ visits: 1 });
  expect((await client.get('/visits')).json()).toEqual({ visits: 2 });
}

describe('the requests and responses of an Express application', () => {
  it('inherit from its prototypes as soon as they are made', async () => {
    const { app, url } = await start();
    const found: unknown[] = [];
    serverOf(app).prependListener('request', (request, response) => {
      found.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    });
    await expectTwoVisits(url);
    const { request, response } = instanceOf(app);
    const expected = [request, response, request, response];
    expect(found.map((prototype, n) => prototype === expected[n])).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('are of the classes of Node.js', async () => {
    const { app, url } = await start();
    const messages = nextMessages(serverOf(app));
    await new Client(url).get('/visits');
    const [request, response] = await messages;
    expect(request).toBeInstanceOf(IncomingMessage);
    expect(response).toBeInstanceOf(ServerResponse);
    expect(request.constructor).toBe(IncomingMessage);
    expect(response.constructor).toBe(ServerResponse);
  });

  it('have what is put on its prototypes, before it starts and after', async () => {
    const { app, url } = await start((created) => {
      Object.assign(instanceOf(created).response, { early: () => 'early' });
    });
    Object.assign(instanceOf(app).response, { late: () => 'late' });
    const messages = nextMessages(serverOf(app));
    await new Client(url).get('/visits');
    const [, response] = await messages;
    const { early, late } = response as unknown as Record<'early' | 'late', () => string>;
    expect([early(), late()]).toEqual(['early', 'late']);
  });

  it('come back from a mounted application as they were', async () => {
    const inner = express();
    const seen: unknown[] = [];
    inner.use((_request, response, next) => {
      seen.push(Object.getPrototypeOf(response) === inner.response);
      next();
    });
    const { app, url } = await start((created) => {
      created.use(inner);
      created.use((_request: unknown, response: object, next: () => void) => {
        seen.push(Object.getPrototypeOf(response) === instanceOf(created).response);
        next();
      });
    });
    await expectTwoVisits(url);
    expect(seen).toEqual([true, true, true, true]);
    expect(inner.response).toHaveProperty('app', inner);
    expect(instanceOf(app).response).toHaveProperty('app', instanceOf(app));
  });

  it('may be given a query by listeners before it, as requests of Node.js may', async () => {
    const { app, url } = await start();
    serverOf(app).prependOnceListener('request', (request) => {
      Object.assign(request, { query: { by: 'listener' }, protocol: 'gopher' });
    });
    const client = new Client(url);
    const seen = { query: { by: 'listener' }, protocol: 'gopher', path: '/seen' };
    expect((await client.get('/seen?by=url')).json()).toEqual(seen);
    const next = { query: { by: 'url' }, protocol: 'http', path: '/seen' };
    expect((await client.get('/seen?by=url')).json()).toEqual(next);
  });

  it.each([
    ['upgrade', 'GET /socket', ['Upgrade: websocket', 'Connection: Upgrade']],
    ['connect', 'CONNECT example.com:80', []],
  ])('may be given a query by listeners of %s', async (event, line, headers) => {
    const { app, port } = await start();
    const given: unknown[] = [];
    serverOf(app).on(event, (request: Request, socket: Duplex) => {
      try {
        Object.assign(request, { query: { a: '1' }, path: '/own', ip: '::2' });
        given.push(request.query, request.path, request.ip);
      } finally {
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      }
    });
    const exchange = await RawExchange.open(port);
    exchange.send(`${line} HTTP/1.1\r\nHost: localhost\r\n${headers.join('\r\n')}\r\n\r\n`);
    await exchange.toEnd();
    expect(given).toEqual([{ a: '1' }, '/own', '::2']);
  });

  it('read what others define anew, for it or for all applications', async () => {
    const { app, url } = await start((created) => {
      Object.defineProperty(instanceOf(created).request, 'path', { get: () => '/of-one' });
    });
    const all = Reflect.getPrototypeOf(instanceOf(app).request) as object;
    const usual = Object.getOwnPropertyDescriptor(all, 'protocol');
    Object.defineProperty(all, 'protocol', { ...usual, get: () => 'of-all' });
    try {
      const seen = { query: {}, protocol: 'of-all', path: '/of-one' };
      expect((await new Client(url).get('/seen')).json()).toEqual(seen);
    } finally {
      Object.defineProperty(all, 'protocol', { ...usual });
    }
  });

  it('stay of the classes that somebody gave the server', async () => {
    class OwnRequest extends IncomingMessage {}
    class OwnResponse extends ServerResponse {}
    class OwnServerAdapter extends ExpressAdapter {
      override initHttpServer(): void {
        const classes = { IncomingMessage: OwnRequest, ServerResponse: OwnResponse };
        this.setHttpServer(createServer(classes, this.getInstance<Express>()));
      }
    }
    const { app, url } = await start(undefined, new OwnServerAdapter());
    const found: boolean[] = [];
    serverOf(app).prependListener('request', (request, response) => {
      found.push(request instanceof OwnRequest, response instanceof OwnResponse);
    });
    await expectTwoVisits(url);
    expect(found).toEqual([true, true, true, true]);
  });

  it('are served as well when another server makes them', async () => {
    const { app } = await start();
    const other = createServer(instanceOf(app));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    running.push({ close: () => new Promise((resolve) => other.close(() => resolve())) });
    await expectTwoVisits(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    other.closeAllConnections();
  });
});
