import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Controller, Get, Res } from '@nestjs/common';
import {
  type Bag,
  Persistent,
  SessionHeadersSentException,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { RawExchange } from '../support/raw-exchange.js';
import { type PlatformResponse, rawOf, takeOver } from '../support/raw-response.js';

const store = new CountingAdapter();

/** What was thrown at a handler whose client has gone. */
const failures: unknown[] = [];

/** Where the running handler stands. */
let stage: 'none' | 'begun' | 'done' = 'none';

@Controller()
class SlowController {
  @Persistent() private readonly kept!: Bag<{ n: number }>;

  constructor(private readonly session: SessionService) {}

  @Get('begin')
  begin(): void {
    this.session.set('count', 0).set('inside', { list: [1] });
  }

  @Get('value')
  value(): unknown {
    return { count: this.session.get('count'), inside: this.session.get('inside') };
  }

  @Get('thrown')
  thrown(): never {
    this.session.set('count', 1);
    throw new Error('The handler failed.');
  }

  /** Changes the session before and after its client has gone. */
  @Get('slow')
  async slow(@Res({ passthrough: true }) response: PlatformResponse): Promise<string> {
    this.session.set('count', 1);
    await this.clientHasGone(response);
    this.session.set('count', 2);
    stage = 'done';
    return 'too late';
  }

  @Get('slow-end')
  async slowEnd(@Res() response: PlatformResponse): Promise<void> {
    const raw = takeOver(response);
    raw.write('first ');
    this.session.set('count', 2);
    await this.clientHasGone(response);
    raw.end('last');
    stage = 'done';
  }

  @Get('slow-update')
  async slowUpdate(@Res() response: PlatformResponse): Promise<void> {
    takeOver(response).write('first ');
    await this.clientHasGone(response);
    await this.session.update('count', () => 2);
    stage = 'done';
  }

  @Get('slow-silent')
  async slowSilent(@Res() response: PlatformResponse): Promise<void> {
    takeOver(response);
    this.session.set('count', 2);
    await this.clientHasGone(response);
    stage = 'done';
  }

  /** Never writes to its response: nobody is there to read it. */
  @Get('slow-mute')
  async slowMute(@Res() response: PlatformResponse): Promise<void> {
    takeOver(response);
    await this.clientHasGone(response);
    this.session.set('count', 2);
    stage = 'done';
  }

  /** The same, with a change inside, some time after the client has gone. */
  @Get('slow-mute-inside')
  async slowMuteInside(@Res() response: PlatformResponse): Promise<void> {
    takeOver(response);
    const bag = this.session.get<{ list: number[] }>('inside');
    await this.clientHasGone(response);
    this.session.set('first', true);
    await pollUntil(() => this.session.save().then(() => true), { within: 3000, what: 'a save' });
    bag?.list.push(2);
    stage = 'done';
  }

  /** The bag of a class looks for its request at each use. */
  @Get('slow-bag-inside')
  async slowBagInside(@Res() response: PlatformResponse): Promise<void> {
    takeOver(response);
    this.kept.n = 1;
    this.session.set('inside', { kept: this.kept }).set('count', 2);
    await this.clientHasGone(response);
    stage = 'done';
  }

  @Get('slow-save')
  async slowSave(@Res({ passthrough: true }) response: PlatformResponse): Promise<void> {
    await this.clientHasGone(response);
    this.session.set('count', 2);
    const acts = [
      () => this.session.save(),
      () => this.session.update('count', () => 3),
      () => this.session.login('kimbra'),
    ];
    for (const act of acts) failures.push(await act().catch((error: unknown) => error));
    stage = 'done';
  }

  @Get('slow-move')
  async slowMove(@Res({ passthrough: true }) response: PlatformResponse): Promise<void> {
    await this.clientHasGone(response);
    const acts = [() => this.session.regenerateId(), () => this.session.login('kimbra')];
    for (const act of acts) failures.push(await act().catch((error: unknown) => error));
    stage = 'done';
  }

  @Get('slow-destroy')
  async slowDestroy(@Res({ passthrough: true }) response: PlatformResponse): Promise<void> {
    await this.clientHasGone(response);
    await this.session.destroy();
    stage = 'done';
  }

  private async clientHasGone(response: PlatformResponse): Promise<void> {
    stage = 'begun';
    await once(rawOf(response), 'close');
  }
}

describe.each(platforms)('a client that leaves on %s', (platform) => {
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [SlowController],
    });
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    stage = 'none';
    client = new Client(running.url);
    await client.get('/begin');
    store.reset();
  });

  async function leave(path: string, headers: string[] = []): Promise<void> {
    const exchange = await RawExchange.open(running.port);
    exchange.request(`GET ${path}`, headers);
    await pollUntil(() => stage === 'begun', { within: 3000, every: 2, what: 'the handler' });
    exchange.close();
    await pollUntil(() => stage === 'done', { within: 3000, every: 2, what: 'its end' });
  }

  async function storedCount(): Promise<unknown> {
    return ((await client.get('/value')).json() as { count?: unknown }).count;
  }

  it.each([
    ['/slow'],
    ['/slow-end'],
    ['/slow-update'],
    ['/slow-silent'],
    ['/slow-mute'],
    ['/slow-bag-inside'],
  ])('R17 loses no change to a stored session (%s)', async (path) => {
    const logs = captureLogs();
    await leave(path, [`Cookie: sid=${client.cookies.get('sid')}`]);
    const isStored = async (): Promise<boolean> => (await storedCount()) === 2;
    await pollUntil(isStored, { within: 3000, what: 'the change' });
    expect(ownLogs(logs)).toEqual([]);
  });

  it('R17 R9 loses no change inside a value of a handler that never answers', async () => {
    await leave('/slow-mute-inside', [`Cookie: sid=${client.cookies.get('sid')}`]);
    const isStored = async (): Promise<boolean> => {
      const { inside } = (await client.get('/value')).json() as { inside?: { list: number[] } };
      return inside?.list.length === 2;
    };
    await pollUntil(isStored, { within: 3000, what: 'the change' });
  });

  it('R17 tells who would store a new session by name, and stores none', async () => {
    failures.length = 0;
    await leave('/slow-save');
    expect(failures).toEqual(failures.map(() => expect.any(SessionHeadersSentException)));
    expect(failures).toHaveLength(3);
    expect(String(failures[0])).toContain('the client of this request has gone');
    expect(store.count('create')).toBe(0);
  });

  it('R17 keeps its session, which is given no id that nobody is told', async () => {
    failures.length = 0;
    await leave('/slow-move', [`Cookie: sid=${client.cookies.get('sid')}`]);
    const gone = expect.any(SessionHeadersSentException);
    expect(failures).toEqual([gone, gone]);
    expect(await storedCount()).toBe(0);
  });

  it('R17 ends a session that the handler destroys', async () => {
    await leave('/slow-destroy', [`Cookie: sid=${client.cookies.get('sid')}`]);
    expect(await storedCount()).toBeUndefined();
  });

  it.each([['/slow'], ['/slow-silent'], ['/slow-mute']])(
    'R17 gets no new session (%s)',
    async (path) => {
      const logs = captureLogs();
      await leave(path);
      // Whatever the answer of a handler that is done sets off has begun before other requests end.
      await storedCount();
      await storedCount();
      expect(store.count('create')).toBe(0);
      expect(ownLogs(logs)).toEqual([]);
    },
  );

  it('R17 while its session is being stored does not stop that', async () => {
    const commit = store.holdNext('update');
    const exchange = await RawExchange.open(running.port);
    exchange.request('GET /thrown', [`Cookie: sid=${client.cookies.get('sid')}`]);
    await commit.arrived;
    exchange.close();
    await storedCount();
    commit.release();
    await pollUntil(async () => (await storedCount()) === 1, { within: 3000, what: 'the change' });
  });
});

describe.each(platforms)('a handler that throws on %s', (platform) => {
  it('R17 still commits what it changed', async () => {
    captureLogs();
    const running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: new CountingAdapter() })],
      controllers: [SlowController],
    });
    const client = new Client(running.url);
    const answer = await client.get('/thrown');
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toHaveLength(1);
    expect((await client.get('/value')).json()).toEqual({ count: 1 });
    await running.close();
  });
});
