import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { SessionModule } from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { startAppBehindProxy } from '../support/secured-apps.js';
import { actions, ActionsController, everything } from '../support/session-actions.js';

const key = randomBytes(32);

describe.each(platforms)('what comes as the cookie on %s', (platform) => {
  let app: RunningApp;
  let client: Client;

  beforeEach(async () => {
    actions.clear();
    actions.set('set', (session) => session.set('a', 1));
    actions.set('all', everything);
    app = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: 'cookie', encryption: { keys: [key] } })],
      controllers: [ActionsController],
    });
    client = new Client(app.url);
    await client.get('/do/set');
  });

  afterEach(() => app.close());

  const sealed = (): string => client.cookies.get('sid') ?? '';
  const seen = async (value: string): Promise<unknown> =>
    (await new Client(app.url, [['sid', value]]).get('/do/all')).json();

  it('R24 opens nothing with one character changed, wherever that stands', async () => {
    const logs = captureLogs();
    const cookie = sealed();
    expect(await seen(cookie)).toEqual({ a: 1 });
    const places = [0, 6, 7, 9, 15, 16, 17, 30, 48, 49, 60, cookie.length >> 1, cookie.length - 22];
    for (const at of [...places, cookie.length - 2, cookie.length - 1]) {
      const other = cookie.charAt(at) === 'A' ? 'B' : 'A';
      expect(await seen(cookie.slice(0, at) + other + cookie.slice(at + 1))).toEqual({});
    }
    for (const value of [cookie.slice(0, -4), `${cookie}AAAA`, cookie.slice(1), 'sealed1..', 'x']) {
      expect(await seen(value)).toEqual({});
    }
    const [log, ...more] = ownLogs(logs);
    expect(log?.text).toMatch(/cookie cannot be opened/);
    expect(log?.text).not.toContain(cookie.slice(0, 16));
    expect(more).toEqual([]);
  });

  it('R24 opens nothing under another name', async () => {
    captureLogs();
    const renamed = await startApp(platform, {
      imports: [
        SessionModule.forRoot({ adapter: 'cookie', name: 'other', encryption: { keys: [key] } }),
      ],
      controllers: [ActionsController],
    });
    const stranger = new Client(renamed.url, [['other', sealed()]]);
    expect((await stranger.get('/do/all')).json()).toEqual({});
    await renamed.close();
  });

  it('R24 opens nothing over https that was sealed for http', async () => {
    captureLogs();
    @Module({
      imports: [SessionModule.forRoot({ adapter: 'cookie', encryption: { keys: [key] } })],
      controllers: [ActionsController],
    })
    class AppModule {}
    const secured = await startAppBehindProxy(platform, AppModule);
    const visitor = new Client(`http://127.0.0.1:${secured.port}`, [['__Host-sid', sealed()]]);
    const overHttps = { headers: { 'x-forwarded-proto': 'https' } };
    expect((await visitor.get('/do/all', overHttps)).json()).toEqual({});
    await visitor.get('/do/set', overHttps);
    expect((await visitor.get('/do/all', overHttps)).json()).toEqual({ a: 1 });
    await secured.close();
  });

  it('R19 counts as none when it is unknown, and a write begins a new session', async () => {
    captureLogs();
    const stranger = new Client(app.url, [['sid', 'x'.repeat(43)]]);
    expect((await stranger.get('/do/all')).setCookies).toEqual([]);
    expect((await stranger.get('/do/set')).setCookies).toHaveLength(1);
    expect((await stranger.get('/do/all')).json()).toEqual({ a: 1 });
  });

  it('R19 opens and begins nothing when there are two different ones', async () => {
    captureLogs();
    const other = new Client(app.url);
    await other.get('/do/set');
    const headers = { cookie: `sid=${sealed()}; sid=${other.cookies.get('sid')}` };
    expect((await client.get('/do/all', { headers })).json()).toEqual({});
    const answer = await client.get('/do/set', { headers });
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
  });

  it('opens with every key that is given, and is sealed with the first', async () => {
    captureLogs();
    const newKey = randomBytes(32);
    const startWith = async (keys: readonly Uint8Array[]): Promise<RunningApp> =>
      startApp(platform, {
        imports: [SessionModule.forRoot({ adapter: 'cookie', encryption: { keys } })],
        controllers: [ActionsController],
      });
    const rotating = await startWith([newKey, key]);
    const rotated = await startWith([newKey]);
    expect((await client.tab(rotated.url).get('/do/all')).json()).toEqual({});
    const visitor = client.tab(rotating.url);
    expect((await visitor.get('/do/all')).json()).toEqual({ a: 1 });
    actions.set('more', (session) => session.set('b', 2));
    await visitor.get('/do/more');
    expect((await visitor.tab(rotated.url).get('/do/all')).json()).toEqual({ a: 1, b: 2 });
    await Promise.all([rotating.close(), rotated.close()]);
  });
});
