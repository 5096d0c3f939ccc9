import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { FileAdapter } from 'nestjs-session-bag/adapters/file';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import {
  type Bag,
  SessionBag,
  SessionModule,
  SessionSerializationException,
  SessionService,
} from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

class Price {
  amount = 1;
}

/** Made anew at every call: what is stored must be like it, not it. */
const kinds: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  zero: () => 0,
  'an empty string': () => '',
  false: () => false,
  '-0': () => -0,
  NaN: () => Number.NaN,
  infinities: () => [Infinity, -Infinity],
  'undefined inside': () => ({ a: undefined, b: [undefined, 1] }),
  'a sparse array': () => Object.assign(Array<number>(3), { 1: 1 }),
  'plain JSON': () => ({ items: [{ name: 'x', price: 1.5, tags: [] }], none: null, '': {} }),
  'a Date': () => new Date(1_700_000_000_123),
  'a Map': () =>
    new Map<unknown, unknown>([
      ['a', new Set([1n])],
      [{ key: 1 }, new Date(1)],
    ]),
  'a Set': () => new Set([[1], 'a', null, undefined]),
  'a bigint': () => 12_345_678_901_234_567_890n,
  'a Buffer': () => Buffer.from([0, 255, 128]),
  'a Uint8Array': () => Uint8Array.of(1, 2, 3),
  'names of prototypes': () => JSON.parse('{"__proto__":{"a":1},"constructor":2}') as unknown,
  'text of every kind': () => '\0 "\\ \u2028 é 漢 😀 \ud800',
};

@Controller()
class ValuesController {
  constructor(private readonly session: SessionService) {}

  @Post('kinds')
  set(@SessionBag('kinds') bag: Bag) {
    for (const [name, make] of Object.entries(kinds)) {
      bag[name] = make();
      this.session.set(name, make());
    }
    return this.wrong(bag);
  }

  @Get('kinds')
  compare(@SessionBag('kinds') bag: Bag) {
    return this.wrong(bag);
  }

  @Post('graph')
  setGraph() {
    const one: Record<string, unknown> = { name: 'one' };
    one['self'] = one;
    this.session.set('graph', [one, new Map([['one', one]]), one]);
    return {};
  }

  @Get('graph')
  graph() {
    const [one, map, again] = this.session.get<[{ self: object }, Map<string, object>, object]>(
      'graph',
      [{ self: {} }, new Map(), {}],
    );
    return { same: [one.self === one, map.get('one') === one, again === one] };
  }

  @Post('names/:name')
  setName(@Param('name') name: string, @SessionBag('names') bag: Bag) {
    const before = [this.session.has(name), bag.has(name), name in bag];
    this.session.set(name, { polluted: true });
    bag.set(name, { polluted: true });
    return { before };
  }

  @Get('names/:name')
  name(@Param('name') name: string, @SessionBag('names') bag: Bag) {
    const values = [this.session.get(name), bag.get(name)];
    return { values, polluted: Reflect.get({}, 'polluted') ?? false };
  }

  @Post('cart')
  begin(@Body() cart: object, @SessionBag('user') user: Bag) {
    this.session.set('cart', cart);
    user['cart'] = cart;
    return {};
  }

  @Post('cart/push')
  push(@SessionBag('user') user: Bag<{ cart: { items: unknown[] } }>) {
    const cart = this.session.get<{ items: unknown[] }>('cart');
    cart?.items.push({ deep: ['a'] });
    user.cart?.items.push('b');
    return { same: [cart === this.session.get('cart'), user.cart === user.get('cart')] };
  }

  @Post('cart/spoil')
  spoil() {
    this.session.set('other', 1);
    this.session.get<{ items: unknown[] }>('cart')?.items.push({ price: new Price() });
    return { spoilt: true };
  }

  @Post('ticking')
  setTicking() {
    let ticks = 0;
    this.session.set('clock', {
      get ticks() {
        return ++ticks;
      },
    });
    return { ticking: true };
  }

  @Post('refused')
  refused() {
    try {
      this.session.set('cart', { items: [{}, {}, { price: new Price() }] });
      return {};
    } catch (error) {
      return {
        is: error instanceof SessionSerializationException,
        message: (error as Error).message,
      };
    }
  }

  @Get('all')
  all() {
    return this.session.toJSON();
  }

  private wrong(bag: Bag) {
    const wrong = Object.entries(kinds).filter(([name, make]) => {
      const both = [this.session.get(name), bag.get(name)];
      const isThere = this.session.has(name) && bag.has(name) && name in bag;
      return !isThere || !both.every((value) => isDeepStrictEqual(value, make()));
    });
    return { wrong: wrong.map(([name]) => name) };
  }
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-values-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stores = [
  ['memory', () => new MemoryAdapter()],
  ['file', () => new FileAdapter({ path: folder })],
] as const;

describe.each(platforms)('values on %s', (platform) => {
  describe.each(stores)('in the %s store', (_, makeStore) => {
    let adapter: CountingAdapter;
    let running: RunningApp;
    let client: Client;

    beforeEach(async () => {
      const inner = makeStore();
      await inner.open();
      adapter = new CountingAdapter(inner);
      running = await startApp(platform, {
        imports: [SessionModule.forRoot({ adapter })],
        controllers: [ValuesController],
      });
      client = new Client(running.url);
    });
    afterEach(() => running.close());

    it('R6 R8 come back as they were, in this request and the next', async () => {
      expect((await client.post('/kinds')).json()).toEqual({ wrong: [] });
      expect((await client.get('/kinds')).json()).toEqual({ wrong: [] });
    });

    it('R8 come back with repeated references and cycles', async () => {
      await client.post('/graph');
      expect((await client.get('/graph')).json()).toEqual({ same: [true, true, true] });
    });

    it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
      'R7 are called %s as well as anything else',
      async (name) => {
        const first = await client.post(`/names/${name}`);
        expect(first.json()).toEqual({ before: [false, false, false] });
        const polluted = { polluted: true };
        expect((await client.get(`/names/${name}`)).json()).toEqual({
          values: [polluted, polluted],
          polluted: false,
        });
      },
    );

    it('R8 are stored as plain JSON, types beside it', async () => {
      const cart = { items: [{ name: 'x', prices: [1, 2.5, null] }] };
      await client.post('/cart', cart);
      expect(await storedSession()).toMatchObject({ variables: { cart, user: { cart } } });
      expect(await storedSession()).not.toHaveProperty('types');
    });

    it('R8 are refused with path and remedy at set, through the whole depth', async () => {
      expect((await client.post('/refused')).json()).toEqual({
        is: true,
        message: expect.stringMatching(/^cart\.items\[2\]\.price cannot.*\{ \.\.\.dto \}/),
      });
      expect(adapter.count()).toBe(0);
    });

    it('R8 are refused at the commit when they were put inside later: 500, nothing stored', async () => {
      await client.post('/cart', { items: [] });
      adapter.reset();
      const logs = captureLogs();
      const answer = await client.post('/cart/spoil');
      expect([answer.status, answer.setCookies, answer.text.includes('spoilt')]).toEqual([
        500,
        [],
        false,
      ]);
      expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
      expect(logs.map(({ text }) => text).join()).toContain('cart.items[0].price cannot be stored');
      expect((await client.get('/all')).json()).toEqual({
        cart: { items: [] },
        user: { cart: { items: [] } },
      });
    });

    it('R9 are refused, and soon, when they change at every look', async () => {
      const logs = captureLogs();
      const answer = await client.post('/ticking');
      expect([answer.status, answer.setCookies]).toEqual([500, []]);
      expect(adapter.count()).toBeLessThan(2500);
      expect(logs.map(({ text }) => text).join()).toContain('getters give another value');
    });

    it('R9 are stored when they were changed inside, and the same object at every get', async () => {
      await client.post('/cart', { items: [] });
      expect((await client.post('/cart/push')).json()).toEqual({ same: [true, true] });
      expect((await client.get('/all')).json()).toEqual({
        cart: { items: [{ deep: ['a'] }] },
        user: { cart: { items: ['b'] } },
      });
      adapter.reset();
      await client.get('/all');
      expect(adapter.count('update')).toBe(0);
    });

    async function storedSession(): Promise<unknown> {
      const { data = '' } = (await adapter.peek(adapter.calls.at(-1)?.key ?? '')) ?? {};
      return (JSON.parse(data) as { session: unknown }).session;
    }
  });
});
