import { afterEach, describe, expect, it } from '@jest/globals';
import type { Readable } from 'node:stream';
import {
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  VersioningType,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  SessionContext,
  SessionContextException,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  HostController,
  Trace,
  TracedController,
  TracingFilter,
  TracingMiddleware,
  VersionedController,
} from './context-traced.js';

describe.each(platforms)('R5 the context on %s', (platform) => {
  const adapter = new CountingAdapter();
  let running: RunningApp | undefined;
  let client: Client;

  @Module({
    imports: [SessionModule.forRoot({ adapter })],
    controllers: [TracedController, VersionedController, HostController],
    providers: [Trace, TracingMiddleware, TracingFilter],
  })
  class TracedModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(TracingMiddleware).forRoutes('layers/:id');
    }
  }

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it('reaches middleware, guards, interceptors, pipes and handlers', async () => {
    await start();
    expect((await client.get('/layers/1')).json()).toEqual({ id: '1' });
    expect(await trace()).toEqual(
      placesOf('middleware', 'guard', 'interceptor', 'pipe', 'handler', 'interceptor after'),
    );
  });

  it('reaches timers, promises, ticks and streams', async () => {
    await start();
    await client.get('/late');
    expect(await trace()).toEqual(placesOf('timer', 'immediate', 'tick', 'promise', 'stream'));
    expect((await client.get('/streamed')).text).toBe('line\n');
    expect(await trace()).toMatchObject(placesOf('before', 'while streaming'));
  });

  it('reaches what comes after the parsing of a JSON body, also of many chunks', async () => {
    await start();
    const text = 'x'.repeat(90_000);
    expect((await client.post('/json', { text })).json()).toEqual({ length: 90_000 });
    expect(await trace()).toEqual(placesOf('guard', 'handler'));
  });

  it('reaches what comes after the parsing of a multipart body', async () => {
    await start();
    const body = new FormData();
    body.set('file', new Blob(['x'.repeat(200_000)]), 'file.txt');
    // Multer is Express's; on Fastify a content-type parser of the application stands for it.
    const path = platform === 'express' ? '/multipart' : '/parsed';
    const answer = await client.send('POST', path, { body });
    expect(answer.json()).toEqual({ size: 200_000 });
    expect(await trace()).toEqual(placesOf('guard', 'handler'));
  });

  it('reaches the filter of a malformed body, and of an unknown path', async () => {
    await start();
    const headers = { 'content-type': 'application/json' };
    const malformed = await client.send('POST', '/json', { headers, body: '{"text":' });
    expect([malformed.status, malformed.json()]).toEqual([400, { filtered: true }]);
    expect(await trace()).toEqual(placesOf('filter'));
    const stranger = new Client(running?.url ?? '');
    const missing = await stranger.get('/nowhere');
    expect([missing.status, missing.setCookies.length]).toEqual([404, 1]);
    expect((await stranger.get('/trace')).json()).toEqual(placesOf('app.use', 'filter'));
  });

  it.each(['/me', '/me/', '//me', '/ME', '/me;a', '/me?a=1', '/%6De', '/nowhere', '/'])(
    'reaches app.use middleware and is committed: %s, GET and HEAD',
    async (path) => {
      await start();
      const first = await client.get(path);
      expect([first.setCookies.length, await trace()]).toEqual([
        1,
        expect.objectContaining({ 'app.use': true }),
      ]);
      const head = await new Client(running?.url ?? '').send('HEAD', path);
      expect([head.status, head.setCookies.length, head.text]).toEqual([first.status, 1, '']);
    },
  );

  it('reaches routes below a prefix, with versions and of hosts', async () => {
    await start((app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    });
    const versioned = await client.get('/api/versioned', { headers: { 'x-version': '2' } });
    expect(versioned.status).toBe(200);
    const host = await client.get('/api/host');
    expect(host.status).toBe(200);
    expect((await client.get('/api/trace')).json()).toEqual(placesOf('version 2', 'host'));
  });

  it('is one for each request: parallel ones never mix', async () => {
    await start();
    const names = Array.from({ length: 20 }, (_, index) => `name${index}`);
    const answers = await Promise.all(
      names.map((name) => new Client(running?.url ?? '').get(`/own/${name}`)),
    );
    expect(answers.map((answer) => answer.json())).toEqual(names.map((name) => ({ name })));
    const tabs = await Promise.all([client.get('/own/a'), client.tab().get('/own/b')]);
    expect(tabs.map((answer) => answer.json())).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it('does not reach the store, whose clients keep what they make for longer', async () => {
    await start();
    await client.get('/own/first');
    const seen: unknown[] = [];
    for (const method of ['read', 'update'] as const) {
      adapter.planNext(method, (execute) => {
        seen.push([method, running?.app.get(SessionContext).active]);
        return execute();
      });
    }
    expect((await client.get('/own/second')).json()).toEqual({ name: 'second' });
    expect(seen).toEqual([
      ['read', false],
      ['update', false],
    ]);
  });

  it('R3 is none outside a request', async () => {
    await start();
    const context = running?.app.get(SessionContext);
    expect(context?.active).toBe(false);
    expect(() => context?.session).toThrow(SessionContextException);
    await expect(context?.start()).rejects.toThrow(SessionContextException);
    const resolved = running?.app.resolve(SessionService) ?? Promise.resolve();
    expect((await failureOf(resolved)).message).toContain('does not run within an HTTP request');
  });

  async function start(configure: (app: INestApplication) => void = () => {}): Promise<void> {
    adapter.reset();
    running = await startApp(platform, TracedModule, (app) => {
      const tracer = app.get(Trace);
      app.use((request: { url: string }, _: unknown, next: (error?: unknown) => void) => {
        if (!isTracedByUse(request.url)) next();
        else tracer.note('app.use').then(() => next(), next);
      });
      app.useGlobalFilters(app.get(TracingFilter));
      if (platform === 'fastify') acceptMultipart(app as NestFastifyApplication);
      configure(app);
    });
    client = new Client(running.url);
  }

  async function trace(): Promise<unknown> {
    return (await client.get('/trace')).json();
  }
});

/** The paths that no route of the tracing controller stands for, and /me in all its forms. */
function isTracedByUse(url: string): boolean {
  return /^\/+(me|%6De|nowhere$|$)/i.test(url) && !url.startsWith('/multipart');
}

function placesOf(...places: string[]): Record<string, true> {
  return Object.fromEntries(places.map((place) => [place, true]));
}

/** Fastify takes no multipart bodies by itself. */
function acceptMultipart(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser('multipart/form-data', async (_: unknown, payload: Readable) => {
    const size = Buffer.concat(await payload.toArray())
      .toString()
      .match(/x{9,}/)?.[0].length;
    return { size };
  });
}
