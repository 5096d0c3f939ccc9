import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  type Bag,
  Persistent,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionSerializationException,
  SessionService,
} from 'nestjs-session-bag';
import { CountingAdapter, readSession, sessionCookie } from 'nestjs-session-bag/testing';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { startShop, type Visit } from '../support/shop-app.js';

@Injectable()
class Named {
  @Persistent('wizard') readonly wizard!: Bag<{ step: number }>;
}

@Injectable()
class Two {
  @Persistent('one') readonly one!: Bag;
  @Persistent('two') readonly two!: Bag;
}

@Controller()
class BagsController {
  @Persistent() private readonly own!: Bag<{ n: number }>;

  constructor(
    private readonly session: SessionService,
    private readonly named: Named,
  ) {}

  @Get()
  all() {
    return { own: this.own.n, step: this.named.wizard.step, keys: this.session.keys() };
  }
}

const sealed = { adapter: 'cookie', encryption: { keys: [randomBytes(32)] } } as const;

describe.each(platforms)('sessionCookie() and readSession() on %s', (platform) => {
  const apps: RunningApp[] = [];
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

  const kept = async (starting: Promise<RunningApp>): Promise<RunningApp> => {
    const running = await starting;
    apps.push(running);
    return running;
  };
  const shop = (options: SessionModuleOptions) => kept(startShop(platform, options));
  const visit = async (url: string, cookie: string): Promise<Visit> => {
    const response = await fetch(`${url}/visit`, { headers: { cookie } });
    return (await response.json()) as Visit;
  };

  it.each<[string, SessionModuleOptions]>([
    ['a store', {}],
    ['encryption', { encryption: { keys: [randomBytes(32)] } }],
    ['sessions in cookies', sealed],
    ['an interceptor', { intercept: { get: (_, value) => value, set: (_, value) => value } }],
  ])('work with %s', async (_, options) => {
    const { app, url } = await shop(options);
    const since = new Date('2026-01-15T09:30:00Z');
    const cookie = await sessionCookie(app, {
      variables: { theme: 'dark' },
      bags: { user: { name: 'Kimbra', since } },
    });
    expect(cookie).toMatch(/^sid=[\w.~-]+$/);
    expect((await visit(url, cookie)).variables).toEqual({
      theme: 'dark',
      user: { name: 'Kimbra', since: since.toISOString() },
    });
    const session = await readSession(app, cookie);
    expect(session.toJSON()).toEqual({ theme: 'dark', user: { name: 'Kimbra', since } });
  });

  it('give what this application sees, under its uniqueId', async () => {
    const adapter = new CountingAdapter();
    const one = await shop({ adapter, uniqueId: 'one' });
    const whole = await shop({ adapter });
    const cookie = await sessionCookie(one.app, { variables: { n: 1 } });
    expect((await visit(one.url, cookie)).variables).toEqual({ n: 1 });
    expect((await readSession(one.app, cookie)).toJSON()).toEqual({ n: 1 });
    expect((await readSession(whole.app, cookie)).toJSON()).toEqual({ 'one#n': 1 });
  });

  it('log an owner in, who is listed', async () => {
    const { app, url } = await shop({});
    const cookie = await sessionCookie(app, { owner: 'kimbra' });
    const seen = await visit(url, cookie);
    expect(seen.owner).toBe('kimbra');
    const listed = await app.get(SessionRegistry).list('kimbra');
    expect(listed.map(({ key }) => key)).toEqual([seen.key]);
    const session = await readSession(app, cookie);
    expect([session.owner, session.key]).toEqual(['kimbra', seen.key]);
    expect(session.loggedInAt).toBeInstanceOf(Date);
  });

  it('keep a lifetime of its own', async () => {
    const { app, url } = await shop({});
    const cookie = await sessionCookie(app, { variables: { n: 1 }, lifetime: 86_400 });
    const left = (await readSession(app, cookie)).expiresAt?.getTime() ?? 0;
    expect(Math.round((left - Date.now()) / 86_400_000)).toBe(1);
    expect((await visit(url, cookie)).variables).toEqual({ n: 1 });
  });

  it.each<[string, SessionModuleOptions]>([
    ['__Host-sid', {}],
    ['__Host-sid', { cookie: { secure: true } }],
    ['__Secure-sid', { cookie: { path: '/shop' } }],
    ['sid', { cookie: { prefix: false } }],
    ['__Host-sid', sealed],
  ])('use the name %s over https', async (name, options) => {
    const { app } = await shop(options);
    const cookie = await sessionCookie(app, { variables: { n: 1 }, https: true });
    expect(cookie.split('=')[0]).toBe(name);
    expect((await readSession(app, cookie)).get('n')).toBe(1);
    expect((await readSession(app, [`${cookie}; Path=/; Secure`])).get('n')).toBe(1);
  });

  it('fill the bags of classes, by the names of their decorators', async () => {
    const module = {
      imports: [SessionModule.forRoot({})],
      controllers: [BagsController],
      providers: [Named],
    };
    const { app, url } = await kept(startApp(platform, module));
    const cookie = await sessionCookie(app, {
      persistent: new Map<Function | string, object>([
        [BagsController, { n: 1 }],
        [Named, { step: 2 }],
        ['other', { x: 3 }],
      ]),
    });
    const response = await fetch(url, { headers: { cookie } });
    expect(await response.json()).toEqual({
      own: 1,
      step: 2,
      keys: ['persistent:BagsController', 'persistent:wizard', 'persistent:other'],
    });
    await expect(sessionCookie(app, { persistent: [[Two, { n: 1 }]] })).rejects.toThrow(
      'several bags',
    );
  });

  it('are refused what the application would be refused', async () => {
    const { app } = await shop({});
    const unstorable = sessionCookie(app, { variables: { f: () => 1 } });
    await expect(unstorable).rejects.toThrow(SessionSerializationException);
    await expect(sessionCookie(app, {})).rejects.toThrow('not stored');
    await expect(sessionCookie(app, { bags: { user: {} } })).rejects.toThrow(TypeError);
  });

  it('look into the session of a response of fetch', async () => {
    const { app, url } = await shop({});
    const begun = await fetch(`${url}/login/kimbra`, { method: 'POST' });
    expect((await readSession(app, begun)).owner).toBe('kimbra');
    const setCookies = begun.headers.getSetCookie();
    expect((await readSession(app, setCookies)).owner).toBe('kimbra');

    const headers = { cookie: setCookies[0]?.split(';')[0] ?? '' };
    const seen = await fetch(`${url}/visit`, { headers });
    await expect(readSession(app, seen)).rejects.toThrow('Pass the Cookie header');
    const ended = await fetch(`${url}/destroy`, { method: 'POST', headers });
    expect((await readSession(app, ended)).isNew).toBe(true);
  });

  it('take the last of several cookies with one name, as browsers do', async () => {
    const { app } = await shop({});
    const cookie = await sessionCookie(app, { variables: { n: 1 } });
    const cleared = 'sid=; Max-Age=0';
    expect((await readSession(app, [cleared, cookie])).get('n')).toBe(1);
    expect((await readSession(app, [cookie, cleared])).isNew).toBe(true);
  });

  it.each(['', 'theme=dark', 'sid=nonsense', `sid=${'A'.repeat(43)}`])(
    'find a new and empty session under "%s"',
    async (cookie) => {
      const { app } = await shop({});
      const session = await readSession(app, cookie);
      expect([session.isNew, session.id, session.toJSON()]).toEqual([true, '', {}]);
    },
  );

  it('change nothing by looking', async () => {
    const adapter = new CountingAdapter();
    const { app, url } = await shop({ adapter, renewAfter: 1 });
    const client = new Client(url);
    await client.post('/set', { n: 1 });
    const cookie = `sid=${client.cookies.get('sid')}`;
    adapter.reset();
    // The id is due to be renewed by now, by a request that is one.
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 5000);
    const session = await readSession(app, cookie);
    expect(session.get('n')).toBe(1);
    expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
  });

  it.each<[string, SessionModuleOptions]>([
    ['a store', {}],
    ['sessions in cookies', sealed],
  ])('refuse with %s whatever would change what is looked into', async (_, options) => {
    const adapter = new CountingAdapter();
    const { app } = await shop({ adapter, ...options } as SessionModuleOptions);
    const changes: ((session: SessionService) => unknown)[] = [
      (session) => session.set('n', 2),
      (session) => session.remove('n'),
      (session) => session.pull('n'),
      (session) => session.clear(),
      (session) => session.update('n', () => 2),
      (session) => session.save(),
      (session) => session.setLifetime(60),
      (session) => session.regenerateId(),
      (session) => session.regenerateId(false),
      (session) => session.login('bert'),
      (session) => session.logout(),
      (session) => session.destroy(),
      (session) => session.flash.notice('text'),
      (session) => session.flash.clear(),
      (session) => session.bag('user').set('name', 'x'),
      (session) => Object.assign(session.bag('user'), { name: 'x' }),
      (session) => delete session.bag('user')['name'],
      (session) => session.bag('user').init({}),
      (session) => session.bag('user').clear(),
      (session) => session.bag('user').update('name', () => 'x'),
      (session) => session.persistent('Wizard').set('step', 1),
    ];
    const cookie = await sessionCookie(app, {
      owner: 'kimbra',
      variables: { n: 1, user: { name: 'Kimbra' } },
    });
    for (const source of [cookie, '']) {
      const session = await readSession(app, source);
      const before = [session.id, session.toJSON()];
      adapter.reset();
      for (const change of changes) {
        await expect((async () => change(session))()).rejects.toThrow(
          expect.objectContaining({
            name: 'SessionContextException',
            message: expect.stringMatching(/^The session that readSession\(\) gives is there/),
          }),
        );
      }
      expect(adapter.count()).toBe(0);
      expect([session.id, session.toJSON()]).toEqual(before);
    }
    expect((await readSession(app, cookie)).owner).toBe('kimbra');
  });
});

describe('sessionCookie() in a TestingModule', () => {
  it('works before the application is made', async () => {
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot()],
    }).compile();
    const cookie = await sessionCookie(testing, { variables: { n: 1 } });
    expect((await readSession(testing, cookie)).get('n')).toBe(1);
    await testing.close();
  });

  it('says so where there is no SessionModule', async () => {
    @Module({})
    class Empty {}
    const testing = await Test.createTestingModule({ imports: [Empty] }).compile();
    await expect(sessionCookie(testing, { owner: 'x' })).rejects.toThrow('no SessionModule');
    await expect(readSession(testing, '')).rejects.toThrow('no SessionModule');
    await testing.close();
  });
});
