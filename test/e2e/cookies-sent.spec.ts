import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header } from '@nestjs/common';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import type { SessionCommonOptions } from '../../lib/interfaces/session-common-options.interface.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { actions, ActionsController, type SessionAction } from '../support/session-actions.js';

@Controller('cached')
class CachedController {
  constructor(private readonly session: SessionService) {}

  @Get('public')
  @Header('Cache-Control', 'public, max-age=60')
  @Header('Vary', 'Accept-Encoding')
  public(): void {
    this.session.set('count', 1);
  }

  @Get('private')
  @Header('Cache-Control', 'Private, max-age=60')
  @Header('Vary', 'accept, cookie')
  private(): void {
    this.session.set('count', 1);
  }

  @Get('no-store')
  @Header('Cache-Control', 'no-store, max-age=0')
  @Header('Vary', '*')
  noStore(): void {
    this.session.set('count', 1);
  }

  @Get('private-field')
  @Header('Cache-Control', 'max-age=60, no-cache="x"')
  field(): void {
    this.session.set('count', 1);
  }
}

@Controller('plain')
class PlainController {
  @Get()
  @Header('Cache-Control', 'public, max-age=60')
  plain(): string {
    return 'plain';
  }
}

const write: SessionAction = (session) => session.set('count', 1);
const read: SessionAction = (session) => session.get('count');
const destroy: SessionAction = (session) => session.destroy();

describe.each(platforms)('Set-Cookie on %s', (platform) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  async function start(options: SessionCommonOptions = {}): Promise<void> {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ ...options, adapter: store })],
      controllers: [ActionsController, CachedController, PlainController],
    });
    client = new Client(running.url);
  }

  /** The Set-Cookie headers of a request that does this, by this client or another. */
  async function sentBy(action: SessionAction, by = client): Promise<readonly string[]> {
    actions.set('action', action);
    const answer = await by.get('/do/action');
    expect(answer.status).toBe(200);
    return answer.setCookies;
  }

  beforeEach(() => {
    actions.clear();
  });

  afterEach(() => running.close());

  it('R21 comes when the session is created and when its id changes, and then only', async () => {
    await start();
    expect(await sentBy(read)).toEqual([]);
    expect(await sentBy(write)).toEqual([
      `sid=${client.cookies.get('sid')}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
    const first = client.cookies.get('sid');
    expect(await sentBy(read)).toEqual([]);
    expect(await sentBy((session) => session.set('count', 2))).toEqual([]);
    expect(await sentBy((session) => session.clear())).toEqual([]);
    expect(await sentBy((session) => session.regenerateId())).toHaveLength(1);
    expect(client.cookies.get('sid')).not.toBe(first);
    expect(await sentBy((session) => session.login('kim'))).toHaveLength(1);
    expect(await sentBy(read)).toEqual([]);
  });

  it.each(['destroy', 'logout'] as const)('R21 is cleared by %s, and then only', async (method) => {
    await start();
    await sentBy(write);
    expect(await sentBy((session) => session.clear())).toEqual([]);
    expect(await sentBy((session) => session[method]())).toEqual([
      'sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    ]);
    expect(await sentBy(destroy)).toEqual([]);
  });

  it('R21 bears every attribute, and is cleared with the same ones', async () => {
    const attributes =
      'Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=None; Partitioned; Priority=High';
    await start({
      name: 'own',
      cookie: {
        path: '/app',
        domain: 'example.com',
        sameSite: 'none',
        secure: true,
        partitioned: true,
        priority: 'high',
      },
    });
    const [cookie = ''] = await sentBy(write);
    expect(cookie).toMatch(/^__Secure-own=[\w-]{43}; /);
    expect(cookie.slice(cookie.indexOf('Path'))).toBe(attributes);
    const [cleared = ''] = await sentBy(destroy);
    expect(cleared).toMatch(/^__Secure-own=; Max-Age=0; Expires=[^;]*; /);
    expect(cleared.slice(cleared.indexOf('Path'))).toBe(attributes);
  });

  it('R21 clearWithBrowser: false sends Max-Age, on each response that used the session', async () => {
    await start({ lifetime: 100, cookie: { clearWithBrowser: false } });
    expect(await sentBy(read)).toEqual([]);
    await sentBy(write);
    const id = client.cookies.get('sid');
    const renewed = [`sid=${id}; Max-Age=100; Path=/; HttpOnly; SameSite=Lax`];
    expect(await sentBy(read)).toEqual(renewed);
    expect(await sentBy(write)).toEqual(renewed);
    expect((await client.get('/plain')).setCookies).toEqual([]);
  });

  it('R21 a lifetime of its own sends Max-Age from then on', async () => {
    await start({ lifetime: 100 });
    await sentBy(write);
    const id = client.cookies.get('sid');
    const lasting = [`sid=${id}; Max-Age=5000; Path=/; HttpOnly; SameSite=Lax`];
    expect(await sentBy((session) => session.setLifetime(5000))).toEqual(lasting);
    expect(await sentBy(read)).toEqual(lasting);
    expect(await sentBy((session) => session.regenerateId())).toEqual([
      `sid=${client.cookies.get('sid')}; Max-Age=5000; Path=/; HttpOnly; SameSite=Lax`,
    ]);
  });

  it.each<[string, SessionAction]>([
    ['destroyed', (session) => session.destroy()],
    ['regenerated', (session) => session.regenerateId()],
    ['logged in', (session) => session.login('kim')],
  ])('R12 is left out where another request has %s the session', async (_, end) => {
    await start({ cookie: { clearWithBrowser: false } });
    await sentBy(write);
    const slow = client.tab();
    const ended = slow.tab();
    const sent = await sentBy(async (session) => {
      actions.set('end', end);
      expect((await ended.get('/do/end')).status).toBe(200);
      return session.get('count');
    }, slow);
    expect(sent).toEqual([]);
  });

  it('R12 is not cleared by a request whose session another one has given a new id', async () => {
    await start();
    await sentBy(write);
    const sent = await sentBy(async (session) => {
      actions.set('renew', (other) => other.regenerateId());
      await client.tab().get('/do/renew');
      await session.destroy();
    });
    expect(sent).toEqual([]);
  });

  it('R21 a response of a started session varies by Cookie', async () => {
    await start();
    actions.set('read', read);
    const answer = await client.get('/do/read');
    expect(answer.headers.get('vary')).toBe('Cookie');
    expect(answer.headers.get('cache-control')).toBeNull();
    const plain = await client.get('/plain');
    expect(plain.headers.get('vary')).toBeNull();
    expect(plain.headers.get('cache-control')).toBe('public, max-age=60');
  });

  it.each([
    ['public', 'Accept-Encoding, Cookie', 'no-store'],
    ['private', 'accept, cookie', 'Private, max-age=60'],
    ['no-store', '*', 'no-store, max-age=0'],
    ['private-field', 'Cookie', 'no-store'],
  ])(
    'R21 a response that sets the cookie stays out of caches (%s)',
    async (path, vary, control) => {
      await start();
      const answer = await client.get(`/cached/${path}`);
      expect(answer.setCookies).toHaveLength(1);
      expect(answer.headers.get('vary')).toBe(vary);
      expect(answer.headers.get('cache-control')).toBe(control);
    },
  );

  it('R21 a response that sets no cookie keeps the Cache-Control of the application', async () => {
    await start();
    await client.get('/cached/public');
    const answer = await client.get('/cached/public');
    expect(answer.setCookies).toEqual([]);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
    expect(answer.headers.get('vary')).toBe('Accept-Encoding, Cookie');
  });

  it('R25 is neither sent nor cleared while the store is down', async () => {
    await start({ cookie: { clearWithBrowser: false } });
    await sentBy(write);
    actions.set('write', write);
    actions.set('destroy', destroy);
    store.isDown = true;
    for (const path of ['/do/write', '/do/destroy', '/do/unknown']) {
      const answer = await client.get(path);
      expect(answer.status).toBe(503);
      expect(answer.setCookies).toEqual([]);
    }
    store.isDown = false;
    expect(await sentBy(read)).toHaveLength(1);
  });
});
