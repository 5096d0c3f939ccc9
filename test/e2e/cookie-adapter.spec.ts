import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import { type Bag, Persistent, SessionModule, type SessionModuleOptions } from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { CookieAdapter } from '../../lib/adapters/cookie.adapter.js';
import { captureLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';

const BEGINNING = 1_800_000_000_000;
const LARGEST_COOKIE = 4096;
const key = randomBytes(32);

type Options = Partial<Extract<SessionModuleOptions, { adapter: 'cookie' }>>;

@Controller()
class VisitsController {
  @Persistent() private readonly persistent!: Bag<{ visits: number }>;

  @Get('visits')
  visits() {
    this.persistent.visits = (this.persistent.visits ?? 0) + 1;
    return { visits: this.persistent.visits };
  }
}

@Controller()
class PlainController {
  @Get('request-session')
  requestSession(@Req() request: { session: { count?: number } }) {
    request.session.count = (request.session.count ?? 0) + 1;
    return { count: request.session.count };
  }

  @Get('plain')
  plain() {
    return {};
  }
}

describe.each(platforms)('sessions in cookies on %s', (platform) => {
  const running: RunningApp[] = [];
  let client: Client;
  let now: number;

  beforeEach(async () => {
    actions.clear();
    now = BEGINNING;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    captureLogs();
    client = await start({});
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(running.splice(0).map((app) => app.close()));
  });

  /** One more application, and somebody who has this cookie. */
  async function start(options: Options, cookies?: Client['cookies']): Promise<Client> {
    const app = await startApp(platform, {
      imports: [
        SessionModule.forRoot({ adapter: 'cookie', encryption: { keys: [key] }, ...options }),
      ],
      controllers: [ActionsController, VisitsController, PlainController],
    });
    running.push(app);
    return new Client(app.url, cookies);
  }

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  async function seenBy(by = client): Promise<unknown> {
    return (await run(everything, by)).json();
  }

  const set = (name: string, value: unknown, by = client): Promise<Answer> =>
    run((session) => session.set(name, value), by);

  const pass = (seconds: number): void => void (now += seconds * 1000);

  it('R8 R21 keep everything in one cookie, which shows none of it', async () => {
    const written = { name: 'Kimbra', since: new Date(0), big: 7n };
    const answer = await run((session) => {
      for (const [name, value] of Object.entries(written)) session.set(name, value);
    });
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.setCookies[0]).toMatch(
      /^sid=sealed1\.[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const decoded = Buffer.from(client.cookies.get('sid')?.split('.')[2] ?? '', 'base64url');
    expect(decoded.toString('latin1')).not.toMatch(/Kimbra|since|variables|sess:/);

    let read: unknown;
    const again = await run((session) => void (read = session.toJSON()));
    expect(read).toEqual(written);
    expect(again.setCookies).toEqual([]);
    expect(again.headers.get('vary')).toContain('Cookie');
  });

  it('R9 keep bags, persistent data and what is changed inside', async () => {
    await run((session) => Object.assign(session.bag('user'), { name: 'Kimbra', tags: ['a'] }));
    await run((session) => session.bag<{ tags: string[] }>('user').tags?.push('b'));
    expect((await client.get('/visits')).json()).toEqual({ visits: 1 });
    expect((await client.get('/visits')).json()).toEqual({ visits: 2 });
    expect(await seenBy()).toEqual({
      user: { name: 'Kimbra', tags: ['a', 'b'] },
      'persistent:VisitsController': { visits: 2 },
    });
  });

  it('R1 R4 cost nothing where nothing is written, and never a store', async () => {
    const methods = ['read', 'create', 'update', 'destroy'] as const;
    const calls = methods.map((method) => jest.spyOn(CookieAdapter.prototype, method));
    expect((await run(everything)).setCookies).toEqual([]);
    await set('a', 1);
    const plain = await client.get('/plain');
    expect(plain.headers.get('vary')).toBeNull();
    expect(plain.setCookies).toEqual([]);
    await run((session) => session.login('kimbra'));
    await run((session) => session.destroy());
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });

  it('R20 login and regenerateId give a new id and keep what is there', async () => {
    const ids: string[] = [];
    const note: SessionAction = (session) => void ids.push(session.id);
    await set('a', 1);
    await run(note);
    for (const deleteOld of [true, false]) {
      expect((await run((session) => session.regenerateId(deleteOld))).setCookies).toHaveLength(1);
      await run(note);
    }
    await run((session) => session.login('kimbra'));
    await run(note);
    expect(new Set(ids).size).toBe(4);
    expect((await run(({ owner }) => ({ owner }))).json()).toEqual({ owner: 'kimbra' });
    expect(await seenBy()).toEqual({ a: 1 });
  });

  it('R15 refuse what does not fit, with 500 and nothing set', async () => {
    await set('a', 1);
    let reason: unknown;
    const answer = await run((session) => session.set('large', 'x'.repeat(LARGEST_COOKIE)));
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toEqual([]);
    await run(async (session) => {
      session.set('large', 'x'.repeat(LARGEST_COOKIE));
      await session.save().catch((error: unknown) => (reason = error));
      session.remove('large');
    });
    expect(reason).toMatchObject({
      name: 'SessionSerializationException',
      message: expect.stringMatching(/a cookie of \d{4} bytes, and browsers keep 4096 at most/),
    });
    expect(await seenBy()).toEqual({ a: 1 });
  });

  it('R15 fill the 4096 bytes that browsers keep, attributes and Max-Age counted, and no more', async () => {
    const sizes: number[] = [];
    for (let length = 2600; length < 2900; length += 8) {
      const visitor = new Client(running[0]?.url ?? '');
      const { status, setCookies } = await run((session) => {
        session.set('large', 'ä'.repeat(length / 2)).setLifetime(86_400);
      }, visitor);
      expect(setCookies).toHaveLength(status === 200 ? 1 : 0);
      if (status === 200) sizes.push(Buffer.byteLength(setCookies[0] ?? ''));
      expect([200, 500]).toContain(status);
    }
    expect(sizes.length).toBeLessThan(37);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_COOKIE);
    expect(Math.max(...sizes)).toBeGreaterThan(LARGEST_COOKIE - 16);
  });

  it('R22 end when they were not used, and are sent anew after a tenth of that time', async () => {
    client = await start({ lifetime: 100 });
    await set('a', 1);
    pass(9);
    expect((await run(everything)).setCookies).toEqual([]);
    pass(2);
    expect((await run(everything)).setCookies).toHaveLength(1);
    pass(99);
    expect(await seenBy()).toEqual({ a: 1 });
    const { cookies } = client.tab();
    pass(100);
    expect(await seenBy()).toEqual({});
    const longer = await start({ lifetime: 10_000 }, cookies);
    expect(await seenBy(longer)).toEqual({});
  });

  it('R22 end at their absolute end however busy', async () => {
    client = await start({ lifetime: 100, absoluteLifetime: 150 });
    await set('a', 1);
    pass(90);
    await set('b', 2);
    pass(59);
    await run((session) => session.regenerateId());
    expect(await seenBy()).toEqual({ a: 1, b: 2 });
    pass(1);
    expect(await seenBy()).toEqual({});
  });

  it('R22 a login begins the absolute life anew', async () => {
    client = await start({ lifetime: 100, absoluteLifetime: 150 });
    await set('a', 1);
    pass(90);
    await run((session) => session.login('kimbra'));
    pass(99);
    expect(await seenBy()).toEqual({ a: 1 });
    pass(51);
    expect(await seenBy()).toEqual({});
  });

  it('R22 never live longer than they were issued for, and shorter when the options say so', async () => {
    const issued = await start({ lifetime: 100, absoluteLifetime: 150 });
    await set('a', 1, issued);
    const grown = await start({ lifetime: 1000, absoluteLifetime: 1000 }, issued.cookies);
    pass(50);
    await set('b', 2, grown);
    await run((session) => session.regenerateId(), grown);
    pass(99);
    expect(await seenBy(grown)).toEqual({ a: 1, b: 2 });
    pass(1);
    expect(await seenBy(grown)).toEqual({});

    await set('a', 1, grown);
    const shrunk = await start({ lifetime: 100, absoluteLifetime: 100 }, grown.cookies);
    pass(99);
    expect(await seenBy(shrunk)).toEqual({ a: 1 });
    pass(1);
    expect(await seenBy(shrunk)).toEqual({});
  });

  it('R22 have a lifetime of their own, and Max-Age with it', async () => {
    client = await start({ lifetime: 100, absoluteLifetime: 1000 });
    const answer = await run((session) => session.set('a', 1).setLifetime(500));
    expect(answer.setCookies[0]).toContain('; Max-Age=500;');
    pass(499);
    const extended = await run(everything);
    expect(extended.json()).toEqual({ a: 1 });
    expect(extended.setCookies[0]).toContain('; Max-Age=500;');
    pass(500);
    expect(await seenBy()).toEqual({});
  });

  it('keep what the last of parallel answers has set', async () => {
    await set('a', 1);
    const other = client.tab();
    await set('b', 2);
    await set('c', 3, other);
    expect(await seenBy(other)).toEqual({ a: 1, c: 3 });
  });

  it('are cleared by a logout, which cannot end a copy', async () => {
    await set('a', 1);
    const copy = client.tab();
    const answer = await run((session) => session.logout());
    expect(answer.setCookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0; /)]);
    expect(await seenBy()).toEqual({});
    expect(await seenBy(copy)).toEqual({ a: 1 });
  });

  it('R20 drop the old session where a request ends it and begins a new one', async () => {
    await set('a', 1);
    await run(async (session) => {
      await session.destroy();
      session.set('b', 2);
    });
    expect(await seenBy()).toEqual({ b: 2 });
  });

  it('are on req.session with autoStart', async () => {
    client = await start({ autoStart: true });
    expect((await client.get('/request-session')).json()).toEqual({ count: 1 });
    expect((await client.get('/request-session')).json()).toEqual({ count: 2 });
    expect(await seenBy()).toEqual({ count: 2 });
  });
});
