import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { SessionContext, SessionModule } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { startStopwatch } from '../support/stopwatch.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';
import { StallingAdapter } from '../support/stalling-adapter.js';

/** Milliseconds. */
const TIMEOUT = 150;
/** Milliseconds of work besides the waiting, in which none of it ends by a timer. */
const SLACK = 140;

/** What tells a client to come again soon, and no cache that it failed. */
const COME_AGAIN = ['1', 'no-store'];

function retryHeaders({ headers }: Answer): (string | null)[] {
  return [headers.get('retry-after'), headers.get('cache-control')];
}

@Controller('plain')
class PlainController {
  constructor(private readonly context: SessionContext) {}

  @Get()
  plain(): string {
    return 'plain';
  }

  @Get('busy')
  @Header('Retry-After', '20')
  @Header('Cache-Control', 'private')
  async busy(): Promise<void> {
    await this.context.start();
  }
}

describe.each(platforms)('a store out of order on %s', (platform) => {
  const stalling = new StallingAdapter();
  const store = new CountingAdapter(stalling);
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store, storeTimeout: TIMEOUT })],
      controllers: [ActionsController, PlainController],
    });
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    actions.clear();
    store.isDown = false;
    stalling.isStalled = false;
    client = new Client(running.url);
    await run((session) => session.set('a', 1));
  });

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  async function stored(): Promise<unknown> {
    return (await run(everything)).json();
  }

  /** The answer, and the milliseconds it took by the stopwatch. */
  async function timed(answering: Promise<Answer>): Promise<{ answer: Answer; took: number }> {
    const time = startStopwatch();
    const answer = await answering;
    return { answer, took: time() };
  }

  it('R23 R25 no answer to a read is 503 within storeTimeout, and no empty session', async () => {
    captureLogs();
    stalling.isStalled = true;
    const { answer, took } = await timed(run(everything));
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ statusCode: 503, message: 'Service Unavailable' });
    expect(answer.setCookies).toEqual([]);
    expect(retryHeaders(answer)).toEqual(COME_AGAIN);
    expect(took).toBeLessThan(TIMEOUT + SLACK);
    stalling.isStalled = false;
    expect(await stored()).toEqual({ a: 1 });
  });

  it('R23 R25 a read that fails is 503, and the handler does not run', async () => {
    const logs = captureLogs();
    let hasRun = false;
    store.failNext('read');
    const answer = await run(() => {
      hasRun = true;
    });
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(retryHeaders(answer)).toEqual(COME_AGAIN);
    expect(answer.text).not.toContain('10.11.12.13');
    expect(logs.map(({ text }) => text).join()).not.toContain(client.cookies.get('sid'));
    expect(hasRun).toBe(false);
    expect(await stored()).toEqual({ a: 1 });
  });

  it('R18 R23 a 503 of the application has its own headers, whether the store fails or not', async () => {
    captureLogs();
    const refuse: SessionAction = () => {
      throw new ServiceUnavailableException();
    };
    expect(retryHeaders(await run(refuse))).toEqual([null, null]);
    store.isDown = true;
    expect(retryHeaders(await client.get('/plain/busy'))).toEqual(['20', 'private']);
  });

  it.each<[string, SessionAction]>([
    ['a change', (session) => session.set('a', 2)],
    ['save()', (session) => session.set('a', 2).save()],
    ['update()', (session) => session.update('a', () => 2)],
    ['update() after a change', (session) => session.set('b', 2).update('a', () => 2)],
    ['regenerateId()', (session) => session.set('a', 2).regenerateId()],
    ['login()', (session) => session.set('a', 2).login('kim')],
    ['destroy()', (session) => session.destroy()],
    ['destroy() after a change', (session) => session.set('a', 2).destroy()],
  ])('R23 R25 no answer to %s is 503 within twice storeTimeout', async (_, action) => {
    captureLogs();
    const id = client.cookies.get('sid');
    const { answer, took } = await timed(
      run((session) => {
        stalling.isStalled = true;
        return action(session);
      }),
    );
    stalling.isStalled = false;
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(retryHeaders(answer)).toEqual(COME_AGAIN);
    expect(took).toBeLessThan(2 * TIMEOUT + SLACK);
    expect(client.cookies.get('sid')).toBe(id);
    expect(await stored()).toEqual({ a: 1 });
  });

  it('R23 no answer to the first write of a new session is 503, without a cookie', async () => {
    captureLogs();
    const newcomer = new Client(running.url);
    stalling.isStalled = true;
    const { answer, took } = await timed(run((session) => session.set('a', 2), newcomer));
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(took).toBeLessThan(2 * TIMEOUT + SLACK);
  });

  it('R23 many requests of one session end in time, too', async () => {
    captureLogs();
    const started: (() => void)[] = [];
    const change: SessionAction = async (session) => {
      await new Promise<void>((resolve) => {
        started.push(resolve);
        if (started.length < 10) return;
        stalling.isStalled = true;
        for (const go of started) go();
      });
      session.set('a', 2);
    };
    const { answer, took } = await timed(
      Promise.all(Array.from({ length: 10 }, () => run(change, client.tab()))).then((answers) => {
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
        return answers[0] as Answer;
      }),
    );
    expect(answer.setCookies).toEqual([]);
    expect(took).toBeLessThan(2 * TIMEOUT + SLACK);
    stalling.isStalled = false;
    expect(await stored()).toEqual({ a: 1 });
  });

  it('R1 R23 routes that use no session do not notice', async () => {
    stalling.isStalled = true;
    const { answer, took } = await timed(client.get('/plain'));
    expect(answer.status).toBe(200);
    expect(took).toBeLessThan(SLACK);
  });

  it('R2 R23 a visitor without a cookie who only reads does not notice', async () => {
    stalling.isStalled = true;
    const answer = await run(everything, new Client(running.url));
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({});
  });

  it('R23 the return of the store heals, again and again', async () => {
    captureLogs();
    for (let outage = 0; outage < 3; outage++) {
      store.isDown = true;
      expect((await run(everything)).status).toBe(503);
      store.isDown = false;
      expect((await run((session) => session.set('outage', outage))).status).toBe(200);
      expect(await stored()).toEqual({ a: 1, outage });
    }
  });

  it('R23 what fails once and then answers is not noticed', async () => {
    store.failNext('update');
    expect((await run((session) => session.set('a', 2))).status).toBe(200);
    store.failNext('create');
    const newcomer = new Client(running.url);
    expect((await run((session) => session.set('a', 2), newcomer)).status).toBe(200);
    expect(await stored()).toEqual({ a: 2 });
  });

  it('R23 a handler that lives with a failed save() may go on', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      session.set('a', 2);
      store.isDown = true;
      await session.save().catch(() => undefined);
      store.isDown = false;
    });
    expect(answer.status).toBe(200);
    expect(await stored()).toEqual({ a: 2 });
  });
});
