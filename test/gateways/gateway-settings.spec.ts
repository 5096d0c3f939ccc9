import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Injectable, type ModuleMetadata } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Bag, SessionBag, SessionModule, SessionService } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import {
  connect,
  type GatewayClient,
  socketAdapterOf,
  type SocketKind,
  socketKinds,
} from '../support/gateway-clients.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { adapterOf, platforms } from '../support/http-apps.js';
import { createKeyPair, type KeyPair } from '../support/secured-apps.js';
import { actions, ActionsController, everything, runAs } from '../support/session-actions.js';
import { Counter, SessionGateway } from '../support/session-gateway.js';

const cases = platforms.map((platform, index) => ({ platform, kind: socketKinds[index] ?? 'ws' }));
const everyCase = platforms.flatMap((platform) => socketKinds.map((kind) => ({ platform, kind })));

let apps: INestApplication[] = [];
let sockets: GatewayClient[] = [];

actions.set('everything', everything);

afterEach(async () => {
  for (const socket of sockets) socket.close();
  await Promise.all(apps.map((app) => app.close()));
  [apps, sockets] = [[], []];
});

function moduleWith(session: ModuleMetadata['imports'], more: ModuleMetadata = {}): ModuleMetadata {
  return {
    imports: session ?? [],
    controllers: [ActionsController],
    providers: [SessionGateway, Counter, ...(more.providers ?? [])],
  };
}

interface Start {
  readonly kind: SocketKind;
  readonly adapter: AbstractHttpAdapter;
  readonly module: ModuleMetadata;
  readonly pair?: KeyPair;
  readonly isTest?: boolean;
}

/** The address of an application with that socket adapter. */
async function start({ kind, adapter, module, pair, isTest }: Start): Promise<string> {
  const options = {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
    ...(pair && { httpsOptions: pair }),
  } as const;
  let app: INestApplication;
  if (isTest) {
    const compiled = await Test.createTestingModule(module).compile();
    app = compiled.createNestApplication(adapter, options);
  } else {
    app = await NestFactory.create({ module: class AppModule {}, ...module }, adapter, options);
  }
  apps.push(app);
  app.useWebSocketAdapter(socketAdapterOf(kind, app));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return `${pair ? 'https' : 'http'}://127.0.0.1:${port}`;
}

async function open(
  kind: SocketKind,
  url: string,
  cookie: string,
  headers: Record<string, string> = {},
): Promise<GatewayClient> {
  const socket = await connect(kind, url, { cookie, ...headers });
  sockets.push(socket);
  return socket;
}

function ask(socket: GatewayClient): Promise<unknown> {
  return socket.ask('do', { action: 'everything' });
}

/** An id that opens a session with `{ n: 1 }` in that store. */
async function storedId(store: MemoryAdapter): Promise<string> {
  const url = await start({
    kind: 'ws',
    adapter: adapterOf('express'),
    module: moduleWith([SessionModule.forRoot({ adapter: store })]),
  });
  const browser = new Client(url);
  await runAs(browser, (session) => session.set('n', 1));
  return browser.cookies.get('sid') ?? '';
}

describe.each(everyCase)('a gateway of $kind on $platform', ({ platform, kind }) => {
  it('has sessions in an application of Test.createTestingModule', async () => {
    const module = moduleWith([SessionModule.forRoot()]);
    const url = await start({ kind, adapter: adapterOf(platform), module, isTest: true });
    const browser = new Client(url);
    await runAs(browser, (session) => session.set('n', 1));
    const socket = await open(kind, url, `sid=${browser.cookies.get('sid')}`);
    expect(await ask(socket)).toEqual({ result: { n: 1 } });
  });

  it('has sessions on a port of its own', async () => {
    const port = await freePort();

    @WebSocketGateway(port, kind === 'ws' ? { path: '/own' } : { namespace: 'own' })
    class OwnGateway {
      @SubscribeMessage('own')
      own(@MessageBody() { id }: { id: number }, @SessionBag('bag') bag: Bag): unknown {
        bag.set('asked', id);
        return { id, result: bag.toJSON() };
      }
    }

    const module = moduleWith([SessionModule.forRoot()], { providers: [OwnGateway] });
    const url = await start({ kind, adapter: adapterOf(platform), module });
    const browser = new Client(url);
    await runAs(browser, (session) => session.set('n', 1));
    const socket = await open(
      kind,
      `http://127.0.0.1:${port}/own`,
      `sid=${browser.cookies.get('sid')}`,
    );
    expect(await socket.ask('own')).toEqual({ result: { asked: 1 } });
    expect((await runAs(browser, everything)).json()).toEqual({ n: 1, bag: { asked: 1 } });
    await runAs(browser, (session) => session.destroy());
    await socket.ended();
  });
});

describe.each(cases)('the cookie of a $kind handshake on $platform', ({ platform, kind }) => {
  let pair: KeyPair;

  beforeAll(async () => {
    pair = await createKeyPair();
  });

  function trusting(isTrusting: boolean): AbstractHttpAdapter {
    if (platform === 'fastify') return new FastifyAdapter({ trustProxy: isTrusting });
    const adapter = new ExpressAdapter();
    adapter.set('trust proxy', isTrusting ? 1 : false);
    return adapter;
  }

  it('R21 over https is the one with the prefix', async () => {
    const store = new MemoryAdapter();
    const id = await storedId(store);
    const adapter =
      platform === 'express' ? new ExpressAdapter() : new FastifyAdapter({ https: { ...pair } });
    const module = moduleWith([SessionModule.forRoot({ adapter: store })]);
    const url = await start({ kind, adapter, module, pair });
    expect(await ask(await open(kind, url, `__Host-sid=${id}`))).toEqual({ result: { n: 1 } });
    expect(await ask(await open(kind, url, `sid=${id}`))).toEqual({ result: {} });
  });

  it('R21 behind a proxy is the one with the prefix where the proxy is trusted', async () => {
    const store = new MemoryAdapter();
    const id = await storedId(store);
    for (const isTrusted of [true, false]) {
      const module = moduleWith([SessionModule.forRoot({ adapter: store })]);
      const url = await start({ kind, adapter: trusting(isTrusted), module });
      const headers = { 'x-forwarded-proto': 'https' };
      const prefixed = await open(kind, url, `__Host-sid=${id}`, headers);
      const plain = await open(kind, url, `sid=${id}`, headers);
      const [found, none] = isTrusted ? [prefixed, plain] : [plain, prefixed];
      expect(await ask(found)).toEqual({ result: { n: 1 } });
      expect(await ask(none)).toEqual({ result: {} });
      expect(await ask(await open(kind, url, `sid=${id}`))).toEqual({ result: { n: 1 } });
    }
  });

  it('R10 shows an application with uniqueId its own variables', async () => {
    const store = new MemoryAdapter();
    const module = moduleWith([SessionModule.forRoot({ adapter: store, uniqueId: 'shop' })]);
    const url = await start({ kind, adapter: adapterOf(platform), module });
    const id = await storedId(store);
    const socket = await open(kind, url, `sid=${id}`);
    expect(await ask(socket)).toEqual({ result: {} });
    expect(await socket.ask('count')).toEqual({ result: 1 });
    expect(await socket.ask('count')).toEqual({ result: 2 });
    expect(await ask(socket)).toEqual({ result: { 'persistent:Counter': { count: 2 } } });
  });

  it('may hold the session itself, which can be read, not written', async () => {
    captureLogs();
    const { now } = Date;
    let ahead = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    const url = await startWithCookies({ revocations: new MemoryAdapter() });
    const browser = new Client(url);
    await runAs(browser, (session) => session.set('n', 1));
    const cookie = `sid=${browser.cookies.get('sid')}`;
    const [socket, other] = [await open(kind, url, cookie), await open(kind, url, cookie)];
    expect(await ask(socket)).toEqual({ result: { n: 1 } });
    const messages: string[] = [];
    actions.set('write', (session) => {
      try {
        session.set('n', 2);
      } catch (error) {
        messages.push(String(error));
      }
    });
    expect(await socket.ask('do', { action: 'write' })).toEqual({ result: null });
    expect(messages).toEqual([
      expect.stringMatching(/^SessionHeadersSentException: Changing a .* a socket has no answer/),
    ]);
    expect(await ask(socket)).toEqual({ result: { n: 1 } });
    await runAs(browser, (session) => session.destroy());
    await Promise.all([socket.ended(), other.ended()]);

    await runAs(browser, (session) => session.set('n', 3));
    const idle = await open(kind, url, `sid=${browser.cookies.get('sid')}`);
    expect(await ask(idle)).toEqual({ result: { n: 3 } });
    ahead += 3_600_000;
    await idle.ended();
  });

  function startWithCookies(options: { revocations: MemoryAdapter }): Promise<string> {
    const encryption = { keys: [randomBytes(32)] };
    const session = SessionModule.forRoot({ adapter: 'cookie', encryption, ...options });
    return start({ kind, adapter: adapterOf(platform), module: moduleWith([session]) });
  }
});

describe.each(cases)('SessionService in a $kind gateway on $platform', ({ platform, kind }) => {
  it('stops the boot with the way out, wherever the gateway has it from', async () => {
    @Injectable()
    class Helper {
      constructor(readonly session: SessionService) {}
    }

    @WebSocketGateway()
    class WrongGateway {
      constructor(private readonly helper: Helper) {}

      @SubscribeMessage('wrong')
      wrong(@MessageBody() { id }: { id: number }): unknown {
        return { id, result: this.helper.session.size };
      }
    }

    const providers = [WrongGateway, Helper];
    const module = moduleWith([SessionModule.forRoot()], { providers });
    const starting = start({ kind, adapter: adapterOf(platform), module });
    const { name, message } = await failureOf(starting);
    expect(name).toBe('InvalidSessionOptionsException');
    expect(message).toMatch(/^The gateway WrongGateway has SessionService .* SessionContext, or/);
  });
});
