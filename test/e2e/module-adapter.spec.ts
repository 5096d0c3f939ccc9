import { afterEach, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  createSessionAdapter,
  InvalidSessionOptionsException,
  SESSION_ADAPTER,
  SessionContext,
  SessionModule,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { type AppModule, platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class VisitsController {
  constructor(private readonly session: SessionService) {}

  @Post()
  visit() {
    const count = this.session.get<number>('count', 0) + 1;
    this.session.set('count', count);
    return { count };
  }
}

@Controller('plain')
class PlainController {
  @Get()
  plain() {
    return {};
  }
}

/** Opened, used and closed, by whom it may. */
class WatchedAdapter extends CountingAdapter {
  readonly events: string[] = [];
  /** What the first attempts to connect run into. */
  failures = 0;

  override async open(): Promise<void> {
    this.events.push('open');
    if (this.failures-- > 0) throw this.fault;
  }

  override async close(): Promise<void> {
    this.events.push('close');
  }
}

describe.each(platforms)('the adapter on %s', (platform) => {
  let running: RunningApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function start(module: AppModule): Promise<Client> {
    running = await startApp(platform, module);
    return new Client(running.url);
  }

  async function expectCounting(client: Client): Promise<void> {
    expect((await client.post('/')).json()).toEqual({ count: 1 });
    expect((await client.post('/')).json()).toEqual({ count: 2 });
  }

  it('of the application is opened, and not closed', async () => {
    const adapter = new WatchedAdapter();
    const imports = [SessionModule.forRoot({ adapter })];
    await expectCounting(await start({ imports, controllers: [VisitsController] }));
    expect(running?.app.get(SESSION_ADAPTER)).toBe(adapter);
    await running?.close();
    running = undefined;
    expect(adapter.events).toEqual(['open']);
  });

  it('of the application that fails to open is left alone', async () => {
    const adapter = new WatchedAdapter();
    adapter.failures = 1;
    const boot = start({ imports: [SessionModule.forRoot({ adapter })] });
    await expect(boot).rejects.toMatchObject({ cause: adapter.fault });
    expect(adapter.events).toEqual(['open']);
  });

  it('may be four methods without open, close and ping', async () => {
    const inner = new MemoryAdapter();
    const adapter = {
      read: inner.read.bind(inner),
      create: inner.create.bind(inner),
      update: inner.update.bind(inner),
      destroy: inner.destroy.bind(inner),
    };
    const imports = [SessionModule.forRoot({ adapter })];
    await expectCounting(await start({ imports, controllers: [VisitsController] }));
  });

  it('that was made is closed once HTTP is, and not before', async () => {
    await start({ imports: [SessionModule.forRoot()] });
    const made = running?.app.get<MemoryAdapter>(SESSION_ADAPTER);
    const server = running?.app.getHttpServer() as Server;
    const wasListening: boolean[] = [];
    Object.assign(made ?? {}, {
      close: async () => {
        wasListening.push(server.listening);
      },
    });
    await running?.close();
    running = undefined;
    expect(wasListening).toEqual([false]);
  });

  it('of the application that fails to open is no hindrance with failFast: false: 503 until it is there', async () => {
    const logs = captureLogs();
    const adapter = new WatchedAdapter();
    adapter.failures = 1;
    adapter.isDown = true;
    const client = await start({
      imports: [SessionModule.forRoot({ adapter, failFast: false })],
      controllers: [VisitsController, PlainController],
    });
    expect(ownLogs(logs)).toEqual([
      expect.objectContaining({
        level: 'warn',
        text: expect.stringContaining('cannot be reached'),
      }),
    ]);
    expect((await client.get('/plain')).status).toBe(200);
    const down = await client.post('/');
    expect([down.status, down.setCookies]).toEqual([503, []]);
    adapter.isDown = false;
    await expectCounting(client);
  });
});

describe('SessionModule', () => {
  it('lets a test override SESSION_ADAPTER, which it neither opens nor closes', async () => {
    const adapter = new WatchedAdapter();
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ adapter: 'memcached', host: 'nowhere.invalid' })],
      controllers: [VisitsController],
    })
      .overrideProvider(SESSION_ADAPTER)
      .useValue(adapter)
      .compile();
    const app = testing.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const client = new Client(await app.getUrl());
    expect((await client.post('/')).json()).toEqual({ count: 1 });
    expect((await client.post('/')).json()).toEqual({ count: 2 });
    await app.close();
    expect([adapter.count(), adapter.events]).toEqual([3, []]);
  });

  it('works in an application context, without HTTP', async () => {
    const adapter = new CountingAdapter();
    class CommandModule {}
    Module({ imports: [SessionModule.forRoot({ adapter })] })(CommandModule);
    const context = await NestFactory.createApplicationContext(CommandModule, { logger: false });
    expect(await context.get(SessionRegistry).list('kimbra')).toEqual([]);
    expect(context.get(SessionContext).active).toBe(false);
    await context.close();
  });

  it('createSessionAdapter() is the same factory without Nest, opened', async () => {
    expect(await createSessionAdapter()).toBeInstanceOf(MemoryAdapter);
    const adapter = new WatchedAdapter();
    expect(await createSessionAdapter({ adapter })).toBe(adapter);
    expect(adapter.events).toEqual(['open']);
    await expect(createSessionAdapter({ adapter: 'redus' } as never)).rejects.toThrow(
      InvalidSessionOptionsException,
    );
  });
});
