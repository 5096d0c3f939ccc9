import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Post } from '@nestjs/common';
import {
  type Bag,
  SessionBag,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class WatchedController {
  constructor(private readonly session: SessionService) {}

  @Post()
  set(@Body() { name }: { name: string }, @SessionBag('user') user: Bag<{ name: string }>) {
    this.session.set('name', name);
    user.name = name;
    return { name: this.session.get('name'), user };
  }

  @Get()
  all() {
    return this.session.toJSON();
  }
}

/** Changes both inside, and sets the copy again. */
@Controller()
class CartController {
  constructor(private readonly session: SessionService) {}

  @Post('begin')
  begin() {
    this.session.set('given', ['book']).set('copied', ['book']);
    return {};
  }

  @Post('change')
  change() {
    for (const name of ['given', 'copied']) this.session.get<string[]>(name)?.push('pen');
    return {};
  }

  @Post('set')
  set() {
    const cart = this.session.get<string[]>('copied') ?? [];
    cart.push('pen');
    this.session.set('copied', cart);
    return {};
  }
}

describe.each(platforms)('on %s', (platform) => {
  let adapter: CountingAdapter;
  let running: RunningApp | undefined;
  let client: Client;

  afterEach(() => running?.close());

  it('intercept sees what service and bags read and write, and its answers are used', async () => {
    const intercept = {
      get: jest.fn((_: string, value: unknown) =>
        typeof value === 'string' ? `<${value}>` : value,
      ),
      set: jest.fn((_: string, value: unknown) => {
        if (value === 'forbidden') throw new Error('refused by the application');
        return String(value).toUpperCase();
      }),
    };
    await start({ intercept });
    expect((await client.post('/', { name: 'kimbra' })).json()).toEqual({
      name: '<KIMBRA>',
      user: { name: '<KIMBRA>' },
    });
    expect(intercept.set.mock.calls).toEqual([
      ['name', 'kimbra'],
      ['user.name', 'kimbra'],
    ]);
    expect(await storedText()).toContain('"variables":{"name":"KIMBRA","user":{"name":"KIMBRA"}}');
    expect((await client.post('/', { name: 'forbidden' })).status).toBe(500);
    expect((await client.get('/')).json()).toEqual({ name: '<KIMBRA>', user: { name: 'KIMBRA' } });
    expect(intercept.get.mock.calls.at(-1)).toEqual(['user', { name: 'KIMBRA' }]);
  });

  it('R9 what get was given is compared, and what it returns in its place has to be set', async () => {
    const intercept = {
      get: (name: string, value: unknown) => (name === 'copied' ? structuredClone(value) : value),
    };
    await start({ intercept });
    await client.post('/begin');
    await client.post('/change');
    expect((await client.get('/')).json()).toEqual({ given: ['book', 'pen'], copied: ['book'] });
    await client.post('/set');
    expect((await client.get('/')).json()).toMatchObject({ copied: ['book', 'pen'] });
  });

  it('the serializer is called once a commit and once a read', async () => {
    const serializer = {
      serialize: jest.fn(
        (variables: Record<string, unknown>) => `own:${JSON.stringify(variables)}`,
      ),
      deserialize: jest.fn(
        (text: string) => JSON.parse(text.slice('own:'.length)) as Record<string, unknown>,
      ),
    };
    await start({ serializer });
    await client.post('/', { name: 'kimbra' });
    expect(serializer.serialize.mock.calls).toEqual([
      [{ name: 'kimbra', user: { name: 'kimbra' } }],
    ]);
    expect(await storedText()).toContain('own:');
    expect((await client.get('/')).json()).toEqual({ name: 'kimbra', user: { name: 'kimbra' } });
    expect(
      [serializer.serialize, serializer.deserialize].map((fn) => fn.mock.calls.length),
    ).toEqual([1, 1]);
  });

  it('a serializer that fails is a 500, and nothing is stored', async () => {
    const serialize = () => {
      throw new Error('kimbra cannot be said');
    };
    await start({ serializer: { serialize, deserialize: () => ({}) } });
    const answer = await client.post('/', { name: 'kimbra' });
    expect([answer.status, answer.setCookies, adapter.count()]).toEqual([500, [], 0]);
    expect(answer.text).not.toContain('kimbra');
  });

  async function start(options: Pick<SessionModuleOptions, 'intercept' | 'serializer'>) {
    adapter = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter, ...options })],
      controllers: [WatchedController, CartController],
    });
    client = new Client(running.url);
  }

  async function storedText(): Promise<string | undefined> {
    return (await adapter.peek(adapter.calls.at(-1)?.key ?? ''))?.data;
  }
});
