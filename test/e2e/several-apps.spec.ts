import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller('visits')
class VisitsController {
  constructor(private readonly session: SessionService) {}

  @Get()
  count(): string {
    const visits = this.session.get('visits', 0) + 1;
    this.session.set('visits', visits);
    return String(visits);
  }
}

const running: RunningApp[] = [];
const inner: INestApplication[] = [];

/** An application on an Express instance that others may use too. */
async function createOn(
  express: ExpressAdapter,
  name: string,
  prefix = '',
): Promise<CountingAdapter> {
  const adapter = new CountingAdapter();
  @Module({ imports: [SessionModule.forRoot({ name, adapter })], controllers: [VisitsController] })
  class InnerModule {}
  const app = await NestFactory.create(InnerModule, express, {
    logger: false,
    abortOnError: false,
  });
  app.setGlobalPrefix(prefix);
  inner.push(await app.init());
  return adapter;
}

async function start(...args: Parameters<typeof startApp>): Promise<Client> {
  const app = await startApp(...args);
  running.push(app);
  return new Client(app.url);
}

function outerModule(
  options: { readonly autoStart?: boolean } = {},
): Parameters<typeof startApp>[1] {
  return {
    imports: [SessionModule.forRoot({ name: 'outer', ...options })],
    controllers: [VisitsController],
  };
}

afterEach(async () => {
  for (const app of [...running.splice(0), ...inner.splice(0)]) await app.close();
});

describe.each(platforms)('an application mounted in another one on %s', (platform) => {
  it('has its own session, and its answer waits for its own store (R14)', async () => {
    const express = new ExpressAdapter();
    const store = await createOn(express, 'inner');
    const client = await start(platform, outerModule(), (app) => {
      app.use('/in', express.getInstance());
    });

    expect((await client.get('/visits')).text).toBe('1');
    expect((await client.get('/in/visits')).text).toBe('1');
    expect((await client.get('/in/visits')).text).toBe('2');
    expect((await client.get('/visits')).text).toBe('2');
    expect([...client.cookies.keys()]).toEqual(['outer', 'inner']);

    store.failNext('update', 3);
    expect((await client.get('/in/visits')).status).toBe(503);
    expect((await client.get('/in/visits')).text).toBe('3');
  });

  it('answers with the cookies of both where both have written', async () => {
    const express = new ExpressAdapter();
    await createOn(express, 'inner');
    const client = await start(platform, outerModule({ autoStart: true }), (app) => {
      app.use((request: { session: { visits?: number } }, _: unknown, next: () => void) => {
        request.session.visits = (request.session.visits ?? 0) + 1;
        next();
      });
      app.use('/in', express.getInstance());
    });

    expect((await client.get('/in/visits')).text).toBe('1');
    expect([...client.cookies.keys()].toSorted()).toEqual(['inner', 'outer']);
    expect((await client.get('/in/visits')).text).toBe('2');
    expect((await client.get('/visits')).text).toBe('4');
  });
});

describe('two applications on one Express instance', () => {
  it('have a session each', async () => {
    const express = new ExpressAdapter();
    await createOn(express, 'first', 'first');
    const second = new ExpressAdapter(express.getInstance());
    const client = await start(second, outerModule());

    expect((await client.get('/first/visits')).text).toBe('1');
    expect((await client.get('/visits')).text).toBe('1');
    expect((await client.get('/first/visits')).text).toBe('2');
    expect([...client.cookies.keys()]).toEqual(['first', 'outer']);
  });
});
