import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Param, Patch, Post, Put } from '@nestjs/common';
import {
  type Bag,
  SessionBag,
  SessionConflictException,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Values = Record<string, unknown>;

const increment = (n = 0) => n + 1;

/** Requests wait here between reading the session and changing it, until the test lets them on. */
class Doors {
  readonly #waiting: (() => void)[] = [];
  readonly #arrivals: (() => void)[] = [];

  pass(): Promise<void> {
    this.#arrivals.shift()?.();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when the next request has come to the door. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  openNext(): void {
    this.#waiting.shift()?.();
  }
}

const doors = new Doors();

@Controller()
class SharedController {
  constructor(private readonly session: SessionService) {}

  @Get()
  all() {
    return this.session.toJSON();
  }

  @Post()
  set(@Body() values: Values) {
    for (const [name, value] of Object.entries(values)) this.session.set(name, value);
    return {};
  }

  @Post('user')
  setUser(@Body() values: Values, @SessionBag('user') user: Bag) {
    Object.assign(user, values);
    return {};
  }

  @Post('count')
  async count() {
    return { n: await this.session.update('n', increment) };
  }

  @Post('bag-count')
  async countInBag(@SessionBag('user') user: Bag<{ n: number }>) {
    return { n: await user.update('n', increment) };
  }

  @Delete()
  async destroy() {
    await this.session.destroy();
    return {};
  }

  @Post('renew')
  async renew() {
    await this.session.regenerateId();
    return {};
  }

  /** Reads, waits at the door, and then does what the body says. */
  @Put('slow/:what')
  async slow(@Param('what') what: string, @Body() given: Values, @SessionBag('user') user: Bag) {
    const { session } = this;
    const list = session.get<unknown[]>('list', []);
    await doors.pass();
    if (what === 'set') Object.entries(given).forEach(([name, value]) => session.set(name, value));
    if (what === 'remove') session.remove('a');
    if (what === 'clear') session.clear().set('after', 1);
    if (what === 'push') list.push(given['item']);
    if (what === 'bag-set') Object.assign(user, given);
    if (what === 'bag-remove') user.remove('a');
    if (what === 'bag-clear') user.clear().set('after', 1);
    if (what === 'bag-init') user.init(given);
    return { read: session.toJSON() };
  }

  /** The same with the methods that commit at once; tells what they reject with. */
  @Patch('slow/:what')
  async commit(@Param('what') what: 'save' | 'update') {
    const { session } = this;
    await doors.pass();
    try {
      if (what === 'save') await session.set('late', 1).save();
      else await session.update('n', increment);
      return { rejected: 'no' };
    } catch (error) {
      return { rejected: error instanceof SessionConflictException };
    }
  }
}

describe.each(platforms)('on %s', (platform) => {
  let adapter: CountingAdapter;
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter })],
      controllers: [SharedController],
    });
    client = new Client(running.url);
  });
  afterEach(() => running.close());

  describe('R11 the later commit runs on what the earlier one has left', () => {
    const before = { a: 1, b: 1, list: [1], user: { a: 1, b: 1 } };
    const meanwhile = { a: 2, c: 2, list: [1, 2], user: { a: 2, c: 2 } };
    const merged = { ...before, ...meanwhile };

    it.each<[what: string, given: Values, expected: Values]>([
      ['set', { a: 3, d: 3 }, { ...merged, a: 3, d: 3 }],
      ['remove', {}, without(merged, 'a')],
      ['clear', {}, { after: 1 }],
      ['push', { item: 3 }, { ...merged, list: [1, 3] }],
      ['bag-set', { a: 3, d: 3 }, { ...merged, user: { a: 3, c: 2, d: 3 } }],
      ['bag-remove', {}, { ...merged, user: { c: 2 } }],
      ['bag-clear', {}, { ...merged, user: { after: 1 } }],
      ['bag-init', { i: 3 }, { ...merged, user: { i: 3 } }],
      ['nothing', {}, merged],
    ])('%s', async (what, given, expected) => {
      await client.post('/', before);
      const arrival = doors.arrival();
      const slow = client.tab().send('PUT', `/slow/${what}`, asJson(given));
      await arrival;
      await client.post('/', meanwhile);
      doors.openNext();
      expect((await slow).status).toBe(200);
      expect((await client.get('/')).json()).toEqual(expected);
    });

    it('and what both have set in different properties of a bag survives', async () => {
      await client.post('/user', { name: 'K' });
      const tabs = Array.from({ length: 10 }, () => client.tab());
      await Promise.all(tabs.map((tab, index) => tab.post('/user', { [`p${index}`]: index })));
      const properties = Object.fromEntries(tabs.map((_, index) => [`p${index}`, index]));
      expect((await client.get('/')).json()).toEqual({ user: { name: 'K', ...properties } });
    });
  });

  it.each(['count', 'bag-count'])('R11 100 parallel update() give 100: %s', async (path) => {
    await client.post('/', { begun: true });
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.post(`/${path}`)));
    const counts = answers.map((answer) => (answer.json() as { n: number }).n);
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts.map((_, index) => index + 1));
    const counted = path === 'count' ? { n: 100 } : { user: { n: 100 } };
    expect((await client.get('/')).json()).toEqual({ begun: true, ...counted });
  });

  describe.each<[how: string, end: () => Promise<unknown>]>([
    ['destroyed', () => client.tab().send('DELETE', '/')],
    ['given a new id', () => client.tab().post('/renew')],
    ['expired', () => adapter.destroy(adapter.calls.at(-1)?.key ?? '')],
  ])('R12 a session that was %s during a slow request', (_, end) => {
    beforeEach(async () => {
      await client.post('/', { a: 1, n: 1 });
    });

    it('answers 409 where there was something to store: no cookie, nothing comes back', async () => {
      const logs = captureLogs();
      const { answer, records } = await slowly('PUT', '/slow/set', { secret: 's3cret' });
      expect([answer.status, answer.setCookies]).toEqual([409, []]);
      expect(answer.json()).toMatchObject({ statusCode: 409 });
      expect(answer.text).not.toContain('read');
      expect(adapter.count('create')).toBe(records);
      expect((await client.get('/')).json()).toEqual({});
      expect(logs.map(({ text }) => text).join()).not.toContain('s3cret');
    });

    it('answers as usual where it was only read, without a cookie', async () => {
      const { answer } = await slowly('PUT', '/slow/nothing');
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
      expect(answer.json()).toEqual({ read: { a: 1, n: 1 } });
    });

    it('rejects update(), and the handler may answer', async () => {
      const { answer } = await slowly('PATCH', '/slow/update');
      expect([answer.status, answer.json(), answer.setCookies]).toEqual([
        200,
        { rejected: true },
        [],
      ]);
    });

    it('rejects save(), and what it could not store is a 409 all the same', async () => {
      const { answer } = await slowly('PATCH', '/slow/save');
      expect([answer.status, answer.setCookies]).toEqual([409, []]);
    });

    /** Sends a request, ends the session while it waits, and lets it go on. */
    async function slowly(method: string, path: string, body: Values = {}) {
      const arrival = doors.arrival();
      const sent = client.send(method, path, asJson(body));
      await arrival;
      await end();
      const records = adapter.count('create');
      doors.openNext();
      return { answer: await sent, records };
    }
  });

  describe('R13 an answer of the store that was lost', () => {
    beforeEach(async () => {
      await client.post('/', { n: 1 });
    });

    it('is not done twice when it was done', async () => {
      adapter.loseAnswers('update');
      expect((await client.post('/count')).json()).toEqual({ n: 2 });
      expect((await client.get('/')).json()).toEqual({ n: 2 });
    });

    it('is done when it was not', async () => {
      adapter.failNext('update');
      expect((await client.post('/', { a: 1 })).status).toBe(201);
      expect((await client.get('/')).json()).toEqual({ n: 1, a: 1 });
    });

    it('is a 503 when the store cannot be read to find out, and the cookie stays', async () => {
      const reading = adapter.holdNext('read');
      adapter.loseAnswers('update');
      adapter.failNext('read');
      const cookies = new Map(client.cookies);
      const sent = client.post('/', { a: 1 });
      await reading.arrived;
      reading.release();
      const answer = await sent;
      expect([answer.status, answer.headers.get('retry-after'), answer.setCookies]).toEqual([
        503,
        '1',
        [],
      ]);
      expect(client.cookies).toEqual(cookies);
    });

    it('of the first write creates one session, and its cookie opens it', async () => {
      adapter.reset();
      adapter.loseAnswers('create');
      const visitor = new Client(running.url);
      expect((await visitor.post('/', { n: 5 })).setCookies).toHaveLength(1);
      expect(adapter.count('create')).toBe(1);
      expect((await visitor.get('/')).json()).toEqual({ n: 5 });
    });
  });
});

function without(values: Values, name: string): Values {
  return Object.fromEntries(Object.entries(values).filter(([each]) => each !== name));
}

function asJson(body: Values): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
