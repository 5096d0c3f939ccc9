import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidSessionOptionsException, type SessionModuleOptions } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { platforms } from '../support/http-apps.js';
import { startVisitorApp, type VisitorApp, visitOf } from './visitor-app.js';

/** Each of these has broken answers, or let caches keep them, in another library. */
describe.each(platforms)('advisories about answers, on %s', (platform) => {
  let app: VisitorApp;

  const start = async (options: Partial<SessionModuleOptions> = {}): Promise<Client> => {
    app = await startVisitorApp(platform, new MemoryAdapter(), options);
    return new Client(app.url);
  };

  afterEach(async () => {
    await app.close();
  });

  it.each(['get', 'has', 'keys', 'size', 'iterate', 'bag', 'parameter', 'nothing'])(
    'CVE-2026-27205: an answer that only asked the session (%s) varies by Cookie',
    async (way) => {
      await start();
      const { headers, setCookies } = await new Client(app.url).get(`/ask/${way}`);
      expect(headers.get('vary')).toContain('Cookie');
      expect(setCookies).toEqual([]);
    },
  );

  it('CVE-2023-30861: no shared cache may keep an answer that sets the cookie', async () => {
    const client = await start({ cookie: { clearWithBrowser: false } });
    const created = await client.get('/cached/none');
    const refreshed = await client.get('/cached/none');
    for (const { headers, setCookies } of [created, refreshed]) {
      expect(setCookies).toHaveLength(1);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('vary')).toContain('Cookie');
    }
  });

  it.each([
    ['public, max-age=600', 'no-store'],
    ['s-maxage=600', 'no-store'],
    ['private, max-age=600', 'private, max-age=600'],
    ['no-store', 'no-store'],
  ])('CVE-2025-64762: "%s" on an answer that sets the cookie becomes "%s"', async (own, sent) => {
    const client = await start();
    const { headers, setCookies } = await client.get(`/cached/${encodeURIComponent(own)}`);
    expect(setCookies).toHaveLength(1);
    expect(headers.get('cache-control')).toBe(sent);
  });

  it.each(['flat', 'pairs', 'object'])(
    'CVE-2025-7339: headers given to writeHead (%s) come out whole, and are not altered',
    async (shape) => {
      const client = await start();
      const { status, headers, setCookies } = await client.get(`/heads/${shape}`);
      expect(status).toBe(202);
      expect(headers.get('x-one')).toBe('1');
      expect(headers.get('x-two')).toBe('2');
      expect(setCookies).toHaveLength(2);
      expect(setCookies).toContain('theme=dark');
      expect(await visitOf(client)).toMatchObject({ isNew: false, all: { shape } });
    },
  );

  it('CVE-2026-54281: no form of a path reaches its handler without the session', async () => {
    const client = await start();
    await client.post('/login/anna');
    const forms = [
      '/me',
      '//me',
      '/me/',
      '/ME',
      '/%6de',
      '/me;a',
      '/./me',
      '/me?x',
      '/me/.',
      '/me%2F',
    ];
    const answers = await Promise.all(forms.map((form) => client.tab().get(form)));
    const reached = answers.filter(({ status }) => status === 200);
    expect(reached.length).toBeGreaterThan(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    for (const answer of reached) expect(answer.json()).toMatchObject({ owner: 'anna' });
  });
});

describe.each(platforms)('options that would be injected into a cookie, on %s', (platform) => {
  it.each<[string, Partial<SessionModuleOptions>]>([
    ['name', { name: 'sid=x; Domain=evil.example' }],
    ['name', { name: 'sid\r\nSet-Cookie: a' }],
    ['cookie.path', { cookie: { path: '/; Domain=evil.example' } }],
    ['cookie.path', { cookie: { path: '/\r\nX-Injected: 1' } }],
    ['cookie.domain', { cookie: { domain: 'example.com; Path=/admin' } }],
    ['cookie.sameSite', { cookie: { sameSite: 'lax; Domain=evil' as 'lax' } }],
    ['cookie.priority', { cookie: { priority: 'high; Secure' as 'high' } }],
  ])('CVE-2024-47764: %s cannot bring an attribute of its own: %j', async (option, options) => {
    const failure = await failureOf(startVisitorApp(platform, new MemoryAdapter(), options));
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(failure.message).toContain(option);
  });
});
