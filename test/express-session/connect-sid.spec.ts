import { randomBytes } from 'node:crypto';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { Controller, Get, type INestApplication, Req, Res } from '@nestjs/common';
import session from 'express-session';
import {
  SessionContext,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nestjs-session-bag';
import { fromConnectSid } from 'nestjs-session-bag/express-session';
import passport from 'passport';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';
import {
  hasEnded,
  oldStoreNames,
  OldStores,
  oldVariables,
  secret,
  visitBefore,
} from './site-of-before.js';

interface PassportRequest {
  readonly user?: { readonly name: string };
  readonly raw?: PassportRequest;
}

@Controller()
class ShopController {
  constructor(private readonly context: SessionContext) {}

  @Get('public')
  public() {
    return {};
  }

  /** Too late to take anything over, or to clear a cookie. */
  @Get('late-logout')
  async lateLogout(@Res() response: PlatformResponse) {
    const raw = takeOver(response);
    raw.flushHeaders();
    const visit = await this.context.start();
    await visit.logout();
    raw.end();
  }
}

@Controller()
class VisitController {
  constructor(private readonly visit: SessionService) {}

  @Get('all')
  all(@Req() request: PassportRequest) {
    return { ...this.visit.toJSON(), user: (request.raw ?? request).user?.name };
  }

  @Get('view')
  async view() {
    return { views: await this.visit.update<number>('views', (views = 0) => views + 1) };
  }

  @Get('logout')
  async logout() {
    await this.visit.destroy();
    return {};
  }
}

let oldStores: OldStores;

beforeAll(async () => {
  oldStores = await OldStores.start();
}, 60_000);
afterAll(() => oldStores.stop());

describe.each(platforms)('fromConnectSid on %s', (platform) => {
  let running: RunningApp | undefined;
  let adapter: CountingAdapter;
  let store: session.Store;

  beforeEach(() => {
    adapter = new CountingAdapter();
    store = oldStores.named.MemoryStore;
  });
  afterEach(() => running?.close());

  async function start(
    options: Partial<Parameters<typeof fromConnectSid>[0]> = {},
    rest: Partial<SessionModuleOptions> = {},
    configure?: (app: INestApplication) => void,
  ): Promise<string> {
    const before = { takeOver: fromConnectSid({ store, secret, ...options }) };
    const module = {
      imports: [SessionModule.forRoot({ adapter, ...before, ...rest } as SessionModuleOptions)],
      controllers: [ShopController, VisitController],
    };
    running = await startApp(platform, module, configure);
    return running.url;
  }

  it.each(oldStoreNames)('goes on with a session of %s, once', async (name) => {
    store = oldStores.named[name];
    const cookie = await visitBefore(store);
    const client = new Client(await start(), [cookie]);
    const first = await client.get('/all');
    expect(first.json()).toEqual(oldVariables);
    expect([...client.cookies.keys()]).toEqual(['sid']);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect((await client.get('/all')).json()).toEqual(oldVariables);
    expect(await hasEnded(store, cookie)).toBe(true);
  });

  it.each(oldStoreNames)('parallel requests become one session: %s', async (name) => {
    store = oldStores.named[name];
    const cookie = await visitBefore(store);
    const url = await start();
    const tabs = Array.from({ length: 8 }, () => new Client(url, [cookie]));
    const answers = await Promise.all(tabs.map((tab) => tab.get('/view')));
    expect(answers.map(({ status }) => status)).toEqual(tabs.map(() => 200));
    expect(new Set(tabs.map(({ cookies }) => cookies.get('sid'))).size).toBe(1);
    expect((await tabs[0]?.get('/all'))?.json()).toEqual({
      ...oldVariables,
      views: 3 + tabs.length,
    });
    expect(await hasEnded(store, cookie)).toBe(true);
  });

  it("keeps Passport's login, from the first request on", async () => {
    const authenticator = new passport.Passport();
    authenticator.deserializeUser((name: string, done) => done(null, { name }));
    const url = await start({}, { autoStart: true }, (app) => {
      app.use(authenticator.session());
    });
    const client = new Client(url, [await visitBefore(store)]);
    for (let request = 0; request < 2; request++) {
      expect((await client.get('/all')).json()).toMatchObject({ user: 'kimbra', cart: ['apple'] });
    }
  });

  it('takes old secrets, and another name', async () => {
    const cookie = await visitBefore(store, { secret: 'older', name: 'shop.sid' });
    const client = new Client(await start({ secret: [secret, 'older'], name: 'shop.sid' }), [
      cookie,
    ]);
    expect((await client.get('/all')).json()).toEqual(oldVariables);
    expect([...client.cookies.keys()]).toEqual(['sid']);
  });

  it('goes on under the same name of the cookie', async () => {
    const client = new Client(await start({}, { name: 'connect.sid' }), [await visitBefore(store)]);
    for (let request = 0; request < 2; request++) {
      expect((await client.get('/all')).json()).toEqual(oldVariables);
    }
    await client.get('/logout');
    expect(client.cookies.size).toBe(0);
  });

  it('stores nothing of a session that it cannot take over whole', async () => {
    const set = (name: string, value: unknown): unknown => {
      if (name === 'views') throw new Error('refused');
      return value;
    };
    const client = new Client(await start({}, { intercept: { set } }), [await visitBefore(store)]);
    const { status, setCookies } = await client.get('/all');
    expect([status, setCookies, adapter.count('create')]).toEqual([500, [], 0]);
  });

  it('takes what it finds under uniqueId, through the interceptor, and encrypted', async () => {
    const client = new Client(
      await start(
        {},
        {
          uniqueId: 'shop',
          intercept: { set: (name, value) => (name === 'views' ? undefined : value) },
          encryption: { keys: [randomBytes(32)] },
        },
      ),
      [await visitBefore(store)],
    );
    const { views, ...rest } = oldVariables;
    expect((await client.get('/all')).json()).toEqual(rest);
    expect(views).toBe(3);
  });

  it.each([
    ['forged', (value: string) => `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`],
    ['cut', (value: string) => value.slice(0, -4)],
    ['unsigned', (value: string) => decodeURIComponent(value).slice(2).split('.')[0] ?? ''],
    ['no encoding', () => '%E0%A4%A'],
    ['empty', () => ''],
    ['a prefix alone', () => 's:.'],
  ])('R19 asks nobody about a cookie that is %s', async (_, spoil) => {
    const [name, value] = await visitBefore(store);
    const get = jest.spyOn(store, 'get');
    const client = new Client(await start());
    const headers = { cookie: `${name}=${spoil(value)}` };
    const answer = await client.get('/all', { headers });
    expect([answer.json(), answer.setCookies]).toEqual([{}, []]);
    expect(get).not.toHaveBeenCalled();
  });

  it('R1 does nothing on a route that uses no session', async () => {
    const cookie = await visitBefore(store);
    const get = jest.spyOn(store, 'get');
    const answer = await new Client(await start(), [cookie]).get('/public');
    expect([answer.setCookies, answer.headers.get('vary')]).toEqual([[], null]);
    expect(get).not.toHaveBeenCalled();
    expect(adapter.calls).toEqual([]);
  });

  it('R25 answers 503 while the old store is down, and goes on later', async () => {
    const cookie = await visitBefore(store);
    const client = new Client(await start(), [cookie]);
    const down = (_sid: string, done: (error: unknown) => void): void => done(new Error('down'));
    jest.spyOn(store, 'get').mockImplementationOnce(down as never);
    const refused = await client.get('/all');
    expect([refused.status, refused.setCookies]).toEqual([503, []]);
    jest.spyOn(store, 'destroy').mockImplementationOnce(down as never);
    expect((await client.get('/all')).status).toBe(503);
    expect((await client.get('/all')).json()).toEqual(oldVariables);
    expect(await hasEnded(store, cookie)).toBe(true);
  });

  it('prefers a session of its own, and ends the other one', async () => {
    const client = new Client(await start());
    await client.get('/view');
    const cookie = await visitBefore(store);
    client.cookies.set(...cookie);
    const answer = await client.get('/all');
    expect(answer.json()).toEqual({ views: 1 });
    expect([...client.cookies.keys()]).toEqual(['sid']);
    expect(await hasEnded(store, cookie)).toBe(true);
  });

  it('goes on with a session of its own while the other cannot be ended, and ends it later', async () => {
    const client = new Client(await start());
    await client.get('/view');
    const cookie = await visitBefore(store);
    client.cookies.set(...cookie);
    const down = (_sid: string, done: (error: unknown) => void): void => done(new Error('down'));
    jest.spyOn(store, 'destroy').mockImplementationOnce(down as never);
    expect((await client.get('/view')).json()).toEqual({ views: 2 });
    expect(client.cookies.has('connect.sid')).toBe(true);
    expect((await client.get('/view')).json()).toEqual({ views: 3 });
    expect([...client.cookies.keys()]).toEqual(['sid']);
    expect(await hasEnded(store, cookie)).toBe(true);
  });

  describe('a logout, where the old session could not be ended at the start', () => {
    let client: Client;
    let cookie: readonly [string, string];

    beforeEach(async () => {
      client = new Client(await start());
      await client.get('/view');
      cookie = await visitBefore(store);
      client.cookies.set(...cookie);
    });

    function failToEnd(times: number): void {
      const destroy = jest.spyOn(store, 'destroy');
      const down = (_sid: string, done: (error: unknown) => void): void => done(new Error('down'));
      for (let call = 0; call < times; call++) destroy.mockImplementationOnce(down as never);
    }

    it('R12 ends it', async () => {
      failToEnd(1);
      expect((await client.get('/logout')).status).toBe(200);
      expect(client.cookies.size).toBe(0);
      expect(await hasEnded(store, cookie)).toBe(true);
    });

    it('R12 ends it where the head of the answer was out before the start', async () => {
      await client.get('/late-logout');
      expect(await hasEnded(store, cookie)).toBe(true);
      expect((await client.get('/all')).json()).toEqual({});
    });

    it('R12 R25 is refused where it still cannot, and leaves all as it was', async () => {
      failToEnd(2);
      const refused = await client.get('/logout');
      expect([refused.status, refused.setCookies]).toEqual([503, []]);
      expect(await hasEnded(store, cookie)).toBe(false);
      expect((await client.get('/all')).json()).toEqual({ views: 1 });
      expect(await hasEnded(store, cookie)).toBe(true);
    });
  });

  it('clears the cookie of a session that has ended, and begins none', async () => {
    const cookie = await visitBefore(store, { cookie: { maxAge: 1 } });
    const client = new Client(await start(), [cookie]);
    expect((await client.get('/all')).json()).toEqual({});
    expect(client.cookies.size).toBe(0);
  });

  it('R12 opens nothing after a logout, whoever still has the cookie', async () => {
    const cookie = await visitBefore(store);
    const url = await start();
    const client = new Client(url, [cookie]);
    await client.get('/all');
    await client.get('/logout');
    const copy = new Client(url, [cookie]);
    expect((await copy.get('/all')).json()).toEqual({});
    expect(copy.cookies.size).toBe(0);
  });

  it('takes nothing over where two different cookies came', async () => {
    const [name, value] = await visitBefore(store);
    const client = new Client(await start());
    const headers = { cookie: `${name}=${value}; ${name}=${value}x` };
    expect((await client.get('/all', { headers })).json()).toEqual({});
  });

  it('works with sessions in cookies', async () => {
    const client = new Client(
      await start({}, {
        adapter: 'cookie',
        encryption: { keys: [randomBytes(32)] },
      } as never),
      [await visitBefore(store)],
    );
    for (let request = 0; request < 2; request++) {
      expect((await client.get('/all')).json()).toEqual(oldVariables);
    }
    expect([...client.cookies.keys()]).toEqual(['sid']);
  });
});
