import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { SessionContext, SessionModule, type SessionEvents } from 'nestjs-session-bag';
import { ActionsController, runAs } from '../support/session-actions.js';
import { captureLogs, type CapturedLog, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { hearEvents } from '../support/heard-events.js';

const told: [string, unknown][] = [];

@Injectable()
class Listeners {
  @OnEvent('session.created', { suppressErrors: false })
  throws(): void {
    throw new Error('secret of a listener');
  }

  @OnEvent('session.created')
  created(event: SessionEvents['created']): void {
    told.push(['created', event]);
  }

  @OnEvent('session.rejected')
  rejected(event: SessionEvents['rejected']): void {
    told.push(['rejected', event]);
  }

  @OnEvent('session.store-failed')
  storeFailed(event: SessionEvents['store-failed']): void {
    told.push(['store-failed', event]);
  }
}

/** Like the proxies that some modules provide, which cannot be used outside a request. */
const shy = {
  get listeners(): never {
    throw new Error('There is no request.');
  },
};

it('leave alone what cannot be looked at outside a request', async () => {
  const running = await startApp('express', {
    imports: [SessionModule.forRoot()],
    controllers: [ActionsController],
    providers: [{ provide: 'SHY', useFactory: () => shy }],
  });
  await running.close();
});

it('are told to no stand-in for the emitter, which has a part of its methods', async () => {
  const standIn = { provide: EventEmitter2, useValue: { emit: () => true } };
  const running = await startApp('express', {
    imports: [SessionModule.forRoot()],
    controllers: [ActionsController],
    providers: [standIn],
  });
  const client = new Client(running.url);
  const answer = await runAs(client, (session) => session.set('n', 1).size);
  await running.close();
  expect(answer.status).toBeLessThan(300);
});

describe.each(platforms)('events on %s', (platform) => {
  const adapter = new CountingAdapter();
  let logs: CapturedLog[];
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter }), EventEmitterModule.forRoot()],
      controllers: [ActionsController],
      providers: [Listeners],
    });
  });

  afterAll(() => running.close());

  afterEach(() => {
    told.length = 0;
  });

  it("come through Nest's emitter, a listener that throws or not, and on the channels", async () => {
    logs = captureLogs();
    const heard = hearEvents('created');
    client = new Client(running.url);
    const answer = await runAs(client, (session) => void session.set('n', 1));
    const key = (await runAs(client, ({ key: own }) => own)).json();
    heard.stop();
    expect(answer.status).toBe(200);
    expect(told).toEqual([['created', { key, owner: undefined, at: expect.any(Date) }]]);
    expect(heard.of('created')).toEqual([told[0]?.[1]]);
    expect(ownLogs(logs).map(({ text }) => text)).toEqual([expect.stringContaining('A listener')]);
    expect(JSON.stringify(logs)).not.toContain('secret');
  });

  it.each([
    ['malformed-cookie', 'sid=short'],
    ['ambiguous-cookies', `sid=${'A'.repeat(43)}; sid=${'E'.repeat(43)}`],
    ['unknown-id', `sid=${'A'.repeat(43)}`],
  ])('say why a cookie opens nothing: %s', async (reason, cookie) => {
    const visitor = new Client(running.url);
    await visitor.get('/do/nothing', { headers: { cookie } });
    expect(told).toEqual([['rejected', expect.objectContaining({ reason })]]);
    expect(JSON.stringify(told)).not.toContain('AAAA');
  });

  it('are not told of a cookie that nobody looks at', async () => {
    const headers = { cookie: 'sid=short' };
    await new Client(running.url).get('/nowhere', { headers });
    await running.app.get(SessionContext).run({ headers, socket: {} }, () => undefined);
    expect(told).toEqual([]);
  });

  it('tell of a store that fails', async () => {
    client = new Client(running.url);
    await runAs(client, (session) => void session.set('n', 1));
    adapter.failNext('read');
    const answer = await runAs(client, () => 1);
    expect(answer.status).toBe(503);
    expect(told.at(-1)).toEqual([
      'store-failed',
      expect.objectContaining({ operation: 'read', reason: 'error' }),
    ]);
  });
});

it('sessions in cookies are told of, and no store calls', async () => {
  const encryption = { keys: [randomBytes(32)] };
  const running = await startApp('express', {
    imports: [SessionModule.forRoot({ adapter: 'cookie', encryption })],
    controllers: [ActionsController],
  });
  captureLogs();
  const heard = hearEvents('created', 'committed', 'destroyed', 'rejected', 'store-call');
  const client = new Client(running.url);
  await runAs(client, (session) => void session.set('n', 1));
  await runAs(client, (session) => session.destroy());
  await client.get('/do/nothing', { headers: { cookie: 'sid=changed' } });
  heard.stop();
  await running.close();
  expect(heard.all.map(({ name }) => name)).toEqual([
    'created',
    'committed',
    'destroyed',
    'rejected',
  ]);
  expect(heard.of('rejected')).toMatchObject([{ reason: 'malformed-cookie' }]);
});

it('an application without an emitter has the channels', async () => {
  class QuietModule {}
  Module({ imports: [SessionModule.forRoot()], controllers: [ActionsController] })(QuietModule);
  const running = await startApp('express', QuietModule);
  const heard = hearEvents('created');
  await runAs(new Client(running.url), (session) => void session.set('n', 1));
  heard.stop();
  await running.close();
  expect(heard.of('created')).toHaveLength(1);
});
