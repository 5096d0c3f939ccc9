import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  RequireRecentLogin,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class AccountController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
  ) {}

  @Post('set')
  set(@Body() body: Record<string, unknown>) {
    for (const [name, value] of Object.entries(body)) this.session.set(name, value);
    return this.session.toJSON();
  }

  @Get('me')
  me() {
    const { key, owner, isNew, createdAt, loggedInAt, expiresAt } = this.session;
    return { key, owner, isNew, createdAt, loggedInAt, expiresAt, all: this.session.toJSON() };
  }

  @Post('login/:owner')
  async login(@Param('owner') owner: string, @Body() body: { drop?: string[]; device?: string }) {
    const info = body.device === undefined ? undefined : { device: body.device };
    await this.session.login(owner, { drop: body.drop, info });
    return { key: this.session.key };
  }

  @Post('logout')
  async logout() {
    await this.session.logout();
    return {};
  }

  @Post('remember/:seconds')
  remember(@Param('seconds') seconds: string) {
    this.session.setLifetime(Number(seconds));
    return {};
  }

  @Post('login-afresh/:owner')
  async loginAfresh(@Param('owner') owner: string) {
    if (this.session.owner !== owner) await this.session.logout();
    await this.session.login(owner);
    return {};
  }

  @Post('regenerate')
  async regenerate() {
    await this.session.regenerateId();
    return {};
  }

  @Get('devices/:owner')
  devices(@Param('owner') owner: string) {
    return this.registry.list(owner);
  }

  @Post('revoke/:owner')
  async revoke(@Param('owner') owner: string, @Query('key') key: string) {
    return { revoked: await this.registry.revoke(owner, key) };
  }

  @Post('revoke-all/:owner')
  async revokeAll(@Param('owner') owner: string) {
    return { count: await this.registry.revokeAll(owner, { except: this.session.key }) };
  }

  @RequireRecentLogin(300)
  @Get('address')
  address() {
    return 'address';
  }
}

describe.each(platforms)('login on %s', (platform) => {
  let store: CountingAdapter;
  let running: RunningApp;

  const start = async (options: Partial<SessionModuleOptions> = {}): Promise<void> => {
    const imports = [SessionModule.forRoot({ ...options, adapter: store } as SessionModuleOptions)];
    running = await startApp(platform, { imports, controllers: [AccountController] });
  };
  const me = async (client: Client) =>
    (await client.get('/me')).json() as Record<string, string> & { all: Record<string, unknown> };
  const login = async (owner: string, body: object = {}): Promise<Client> => {
    const client = new Client(running.url);
    expect((await client.post(`/login/${owner}`, body)).status).toBe(201);
    return client;
  };
  const devices = async (client: Client, owner: string) =>
    (await client.get(`/devices/${owner}`)).json() as { key: string; info: object }[];

  beforeEach(() => {
    store = new CountingAdapter();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running.close();
  });

  it('gives a new id, keeps the variables, and the old id opens nothing', async () => {
    await start();
    const client = new Client(running.url);
    await client.post('/set', { cart: ['book'], coupon: 'x' });
    const old = client.tab();
    await client.post('/login/anna', { drop: ['coupon'] });
    expect(client.cookies.get('sid')).not.toBe(old.cookies.get('sid'));
    expect(await me(client)).toMatchObject({ owner: 'anna', all: { cart: ['book'] } });
    expect((await me(client)).all).not.toHaveProperty('coupon');
    expect(await me(old)).toMatchObject({ isNew: true, all: {} });
  });

  it('gives a new id to the same owner too, and lists only the newest', async () => {
    await start();
    const client = await login('anna', { device: 'phone' });
    const first = client.cookies.get('sid');
    await client.post('/login/anna');
    expect(client.cookies.get('sid')).not.toBe(first);
    const { key } = await me(client);
    expect(await devices(client, 'anna')).toMatchObject([{ key, info: { device: 'phone' } }]);
  });

  it('takes a session off the list of the owner who has left it', async () => {
    await start();
    const client = await login('anna');
    await client.post('/login/bert');
    expect(await devices(client, 'anna')).toEqual([]);
    expect(await devices(client, 'bert')).toHaveLength(1);
    await client.post('/logout');
    expect(await devices(client, 'bert')).toEqual([]);
    expect(client.cookies.size).toBe(0);
  });

  it('of another owner keeps variables and own lifetime, which a logout before it does not', async () => {
    await start();
    const client = await login('anna');
    await client.post('/set', { cart: ['book'] });
    await client.post('/remember/86400');
    const lifeLeft = async () => {
      const { expiresAt = '', all } = await me(client);
      return { seconds: Math.round((Date.parse(expiresAt) - Date.now()) / 60_000) * 60, all };
    };
    const kept = await client.post('/login/bert');
    expect(kept.setCookies).toEqual([expect.stringContaining('Max-Age=86400')]);
    expect(await lifeLeft()).toEqual({ seconds: 86_400, all: { cart: ['book'] } });

    const afresh = await client.post('/login-afresh/carl');
    expect(afresh.setCookies).toEqual([expect.not.stringContaining('Max-Age')]);
    expect(await lifeLeft()).toEqual({ seconds: 3600, all: {} });
    expect((await me(client)).owner).toBe('carl');
    expect(await devices(client, 'bert')).toEqual([]);
  });

  it('keeps the list right when the id is regenerated', async () => {
    await start();
    const client = await login('anna', { device: 'phone' });
    await client.post('/regenerate');
    const { key, owner } = await me(client);
    expect(owner).toBe('anna');
    expect(await devices(client, 'anna')).toMatchObject([{ key, info: { device: 'phone' } }]);
  });

  it('revokes one session, of that owner only', async () => {
    await start();
    const [phone, laptop] = [await login('anna'), await login('anna')];
    const { key } = await me(phone);
    const path = (owner: string) => `/revoke/${owner}?key=${encodeURIComponent(key ?? '')}`;
    expect((await laptop.post(path('bert'))).json()).toEqual({ revoked: false });
    expect((await laptop.post(path('anna'))).json()).toEqual({ revoked: true });
    expect(await me(phone)).toMatchObject({ isNew: true });
    expect(await me(laptop)).toMatchObject({ owner: 'anna' });
  });

  it('revokes all but the one that asks', async () => {
    await start();
    const clients = [await login('anna'), await login('anna'), await login('anna')];
    const [first = new Client('')] = clients;
    expect((await first.post('/revoke-all/anna')).json()).toEqual({ count: 2 });
    const owners = await Promise.all(clients.map(async (client) => (await me(client)).owner));
    expect(owners).toEqual(['anna', undefined, undefined]);
  });

  it('ends the sessions of all owners by a new prefix', async () => {
    await start({ prefix: 'release1:' });
    const [anna, berta] = [await login('anna'), await login('berta')];
    await running.close();
    await start({ prefix: 'release2:' });
    for (const client of [anna, berta]) {
      expect(await me(client.tab(running.url))).toMatchObject({ isNew: true, all: {} });
    }
    expect(await devices(new Client(running.url), 'anna')).toEqual([]);
  });

  it.each([1, 2])(
    'lets no login live that began before all were revoked (call %i)',
    async (step) => {
      await start();
      const staying = await login('anna');
      const client = new Client(running.url);
      // The index is written by update, then the record is created, then the index is read again.
      const held = step === 1 ? store.holdNext('create') : holdReadAfterCreate(store);
      const answer = client.post('/login/anna');
      await held.arrived;
      await staying.post('/revoke-all/anna');
      held.release();
      expect((await answer).status).toBe(409);
      expect(client.cookies.size).toBe(0);
      expect(await devices(staying, 'anna')).toHaveLength(1);
    },
  );

  it('evicts the oldest under parallel logins', async () => {
    await start({ maxSessionsPerOwner: 3 });
    const clients = await Promise.all(Array.from({ length: 10 }, () => attempt(running, 'anna')));
    const listed = await devices(new Client(running.url), 'anna');
    const owners = await Promise.all(clients.map(async (client) => (await me(client)).owner));
    expect(listed).toHaveLength(3);
    expect(owners.filter((owner) => owner === 'anna')).toHaveLength(3);
  });

  it('rejects what is too much under parallel logins', async () => {
    await start({ maxSessionsPerOwner: 3, whenOwnerIsFull: 'reject' });
    const clients = await Promise.all(Array.from({ length: 10 }, () => attempt(running, 'anna')));
    const owners = await Promise.all(clients.map(async (client) => (await me(client)).owner));
    expect(owners.filter((owner) => owner === 'anna')).toHaveLength(3);
    const last = await attempt(running, 'anna');
    expect(last.cookies.size).toBe(0);
  });

  it('asks for a recent login with a stable code', async () => {
    await start();
    const client = await login('anna');
    expect((await client.get('/address')).text).toBe('address');
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 301_000);
    const refused = await client.get('/address');
    expect(refused.status).toBe(401);
    expect(refused.json()).toMatchObject({ code: 'RECENT_LOGIN_REQUIRED', statusCode: 401 });
    await client.post('/login/anna');
    expect((await client.get('/address')).status).toBe(200);
  });

  it('starts the absolute lifetime anew', async () => {
    await start({ lifetime: 100, absoluteLifetime: 100 });
    const client = new Client(running.url);
    await client.post('/set', { a: 1 });
    const begin = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(begin + 90_000);
    await client.post('/login/anna');
    clock.mockReturnValue(begin + 150_000);
    expect(await me(client)).toMatchObject({ owner: 'anna' });
    clock.mockReturnValue(begin + 195_000);
    expect((await me(client)).owner).toBeUndefined();
  });

  it('leaves everything as it was when the store fails', async () => {
    await start();
    const client = new Client(running.url);
    await client.post('/set', { coupon: 'x' });
    store.failNext('create', 3);
    const answer = await client.post('/login/anna', { drop: ['coupon'] });
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(await me(client)).toMatchObject({ all: { coupon: 'x' } });
    expect((await me(client)).owner).toBeUndefined();
  });
});

async function attempt(running: RunningApp, owner: string): Promise<Client> {
  const client = new Client(running.url);
  await client.post(`/login/${owner}`);
  return client;
}

/** Holds the read that follows the creation of a record. */
function holdReadAfterCreate(store: CountingAdapter) {
  const { promise: created, resolve } = deferred();
  const held = { arrived: created, release: () => {} };
  store.planNext('create', async (execute) => {
    const done = await execute();
    const read = store.holdNext('read');
    held.release = () => read.release();
    void read.arrived.then(() => resolve());
    return done;
  });
  return { arrived: held.arrived, release: () => held.release() };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('@RequireRecentLogin', () => {
  it.each([Infinity, Number.NaN, 0, -1, '300', null, undefined])(
    'refuses %p when it decorates',
    (seconds) => {
      expect(() => RequireRecentLogin(seconds as never)).toThrow(RangeError);
    },
  );
});
