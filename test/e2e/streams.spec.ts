import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type MessageEvent, Res, Sse } from '@nestjs/common';
import { SessionHeadersSentException, SessionModule, SessionService } from 'nestjs-session-bag';
import { map, Observable, Subject } from 'rxjs';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { isWhole, RawExchange } from '../support/raw-exchange.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

const store = new CountingAdapter();

/** What the open streams do when the test says so. */
let steps = new Subject<(session: SessionService) => unknown>();
let events = new Subject<string>();

/** Streams that send a first byte and do then what the test says: by hand, and as events. */
const bodies = ['/written', '/sse'];

@Controller()
class StreamsController {
  constructor(private readonly session: SessionService) {}

  @Get('begin')
  begin(): void {
    this.session.set('count', 0);
  }

  @Get('value')
  value(): unknown {
    return { count: this.session.get('count') };
  }

  @Get('written')
  written(@Res() response: PlatformResponse): void {
    const raw = takeOver(response);
    raw.write('first ');
    this.goOn(() => raw.end('last'));
  }

  @Get('headed')
  headed(@Res() response: PlatformResponse): void {
    const raw = takeOver(response);
    raw.writeHead(200, { 'Content-Type': 'text/plain' });
    this.goOn(() => raw.end('first last'));
    steps.next(() => undefined);
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return events.pipe(
      map((data) => {
        this.session.set('count', data);
        return { data };
      }),
    );
  }

  @Sse('sse')
  sse(): Observable<MessageEvent> {
    return new Observable((subscriber) => {
      subscriber.next({ data: 'first ' });
      this.goOn(() => subscriber.complete());
    });
  }

  private goOn(end: () => void): void {
    steps.subscribe({ next: (step) => void step(this.session), complete: end });
  }
}

describe.each(platforms)('a stream on %s', (platform) => {
  let running: RunningApp;
  let client: Client;
  let stream: RawExchange;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [StreamsController],
    });
  });

  afterAll(() => running.close());

  afterEach(() => stream.close());

  beforeEach(async () => {
    store.isDown = false;
    steps = new Subject();
    events = new Subject();
    client = new Client(running.url);
    await client.get('/begin');
  });

  /** Opens a stream and waits until its handler has begun. */
  async function open(path: string, cookie = `sid=${client.cookies.get('sid')}`): Promise<void> {
    store.reset();
    stream = await RawExchange.open(running.port);
    stream.request(`GET ${path}`, [`Cookie: ${cookie}`]);
    await pollUntil(() => steps.observed || events.observed, { within: 3000, what: 'the handler' });
  }

  /** Opens one of `bodies` and waits for its first byte. */
  async function openBody(path = '/written'): Promise<void> {
    await open(path);
    await stream.waitFor('first ');
  }

  /** What came, once the answer is whole or cut; events leave the connection open. */
  async function ended(): Promise<string> {
    const isOver = () => isWhole(stream.received) || stream.isClosed;
    await pollUntil(isOver, { within: 10_000, what: 'the end of the answer', every: 2 });
    return stream.received;
  }

  async function stored(): Promise<unknown> {
    return (await client.get('/value')).json();
  }

  /** Lets the open stream do something with its session, and gives what came of it. */
  function inStream<T>(step: (session: SessionService) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      steps.next((session) => {
        const outcome = (async () => step(session))();
        outcome.then(resolve, reject);
      });
    });
  }

  it.each(bodies)('R16 a later change is stored before the stream ends (%s)', async (path) => {
    await openBody(path);
    const commit = store.holdNext('update');
    await inStream((session) => session.set('count', 1));
    steps.complete();
    await commit.arrived;
    await client.get('/nowhere');
    expect(isWhole(stream.received)).toBe(false);
    commit.release();
    expect(isWhole(await ended())).toBe(true);
    expect(await stored()).toEqual({ count: 1 });
  });

  it('R16 what is changed while the last commit runs is stored with it', async () => {
    await openBody();
    const commit = store.holdNext('update');
    await inStream((session) => session.set('count', 1));
    let changeMore = (): unknown => undefined;
    await inStream((session) => {
      changeMore = () => session.update<number>('count', (count = 0) => count + 1);
    });
    steps.complete();
    await commit.arrived;
    const more = changeMore();
    commit.release();
    await Promise.all([more, stream.toEnd()]);
    expect(await stored()).toEqual({ count: 2 });
  });

  it.each(bodies)('R16 save() and update() are stored at once (%s)', async (path) => {
    await openBody(path);
    await inStream((session) => session.set('count', 1).save());
    expect(await stored()).toEqual({ count: 1 });
    await inStream((session) => session.update<number>('count', (count = 0) => count + 1));
    expect(await stored()).toEqual({ count: 2 });
    expect(stream.isClosed).toBe(false);
    steps.complete();
    expect(isWhole(await ended())).toBe(true);
  });

  it.each(bodies)(
    'R16 the connection is cut when the store does not take a later change (%s)',
    async (path) => {
      const logs = captureLogs();
      await openBody(path);
      await inStream((session) => session.set('count', 1));
      store.isDown = true;
      steps.complete();
      const received = await stream.toEnd();
      expect(received).toContain('first ');
      expect(isWhole(received)).toBe(false);
      expect(ownLogs(logs)).toHaveLength(1);
      expect(ownLogs(logs)[0]?.text).not.toMatch(new RegExp(client.cookies.get('sid') ?? '.'));
      store.isDown = false;
      expect(await stored()).toEqual({ count: 0 });
    },
  );

  it.each(bodies)(
    'R16 R12 the connection is cut when the session has ended meanwhile (%s)',
    async (path) => {
      const logs = captureLogs();
      await openBody(path);
      await inStream((session) => session.set('count', 1));
      await inStream((session) => store.destroy(session.key));
      steps.complete();
      expect(isWhole(await stream.toEnd())).toBe(false);
      expect(ownLogs(logs)).toHaveLength(1);
    },
  );

  it.each([['/written'], ['/headed']])(
    'R16 no session begins after the headers, before any store call (%s)',
    async (path) => {
      await open(path, '');
      const attempts = [
        inStream((session) => session.set('count', 1)),
        inStream((session) => session.bag<{ a: number }>('bag').set('a', 1)),
        inStream((session) => session.update('count', () => 1)),
        inStream((session) => session.regenerateId()),
        inStream((session) => session.login('kim')),
        inStream((session) => session.setLifetime(60)),
      ];
      for (const attempt of attempts) {
        expect(await failureOf(attempt)).toBeInstanceOf(SessionHeadersSentException);
      }
      expect(store.calls).toEqual([]);
      steps.complete();
      const received = await stream.toEnd();
      expect(isWhole(received)).toBe(true);
      expect(received).not.toMatch(/set-cookie/i);
    },
  );

  it.each(bodies)(
    'R16 a stored session gets no other id after the headers, before any store call (%s)',
    async (path) => {
      await openBody(path);
      store.reset();
      const attempts = [
        inStream((session) => session.regenerateId()),
        inStream((session) => session.regenerateId(false)),
        inStream((session) => session.login('kim')),
      ];
      for (const attempt of attempts) {
        expect(await failureOf(attempt)).toBeInstanceOf(SessionHeadersSentException);
      }
      expect(store.calls).toEqual([]);
      steps.complete();
      await ended();
      expect(await stored()).toEqual({ count: 0 });
    },
  );

  it.each(bodies)('R16 destroy() deletes the record after the headers too (%s)', async (path) => {
    await openBody(path);
    await inStream((session) => session.destroy());
    const attempt = inStream((session) => session.set('count', 1));
    expect(await failureOf(attempt)).toBeInstanceOf(SessionHeadersSentException);
    steps.complete();
    expect(isWhole(await ended())).toBe(true);
    expect(await stored()).toEqual({});
  });

  it('R16 server-sent events change the session, which is stored when they end', async () => {
    await open('/events');
    events.next('first');
    await stream.waitFor('data: first');
    // The first event may come before the head does, and is committed with it then.
    const atFirstByte = await stored();
    events.next('one');
    await stream.waitFor('data: one');
    expect(await stored()).toEqual(atFirstByte);
    events.complete();
    await pollUntil(() => isWhole(stream.received), {
      within: 3000,
      what: 'the end of the events',
    });
    stream.close();
    expect(await stored()).toEqual({ count: 'one' });
  });
});
