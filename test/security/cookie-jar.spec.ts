import { afterEach, describe, expect, it } from '@jest/globals';
import type { SessionCookieOptions, SessionModuleOptions } from 'nestjs-session-bag';
import { CookieJar } from 'tough-cookie';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { platforms } from '../support/http-apps.js';
import { trustingAdapter } from './tls-proxy.js';
import { startVisitorApp, type Visit, type VisitorApp } from './visitor-app.js';

type Context = 'strict' | 'lax' | 'none';

/** A browser with the cookie rules of RFC 6265bis, for which the application is at any address. */
class JarBrowser {
  readonly jar = new CookieJar(undefined, {
    prefixSecurity: 'strict',
    rejectPublicSuffixes: true,
    looseMode: false,
  });
  readonly #app: VisitorApp;

  constructor(app: VisitorApp) {
    this.#app = app;
  }

  /** What becomes of a request to that address: the application thinks that a proxy passes it on. */
  async send(method: 'GET' | 'POST', address: string, sameSiteContext?: Context) {
    const { protocol, pathname } = new URL(address);
    const response = await fetch(this.#app.url + pathname, {
      method,
      headers: {
        cookie: await this.jar.getCookieString(address, { sameSiteContext }),
        'x-forwarded-proto': protocol.slice(0, -1),
      },
    });
    for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, address);
    return (await response.json()) as Visit;
  }

  /** What the browser would send there. */
  async cookiesAt(address: string, sameSiteContext?: Context): Promise<string[]> {
    const cookies = await this.jar.getCookies(address, { sameSiteContext });
    return cookies.map(({ key }) => key);
  }
}

describe.each(platforms)('the session cookie in a jar that keeps the rules, on %s', (platform) => {
  let app: VisitorApp;

  const start = async (
    cookie: SessionCookieOptions = {},
    options: Partial<SessionModuleOptions> = {},
  ): Promise<JarBrowser> => {
    const adapter = new MemoryAdapter();
    app = await startVisitorApp(trustingAdapter(platform), adapter, { ...options, cookie });
    return new JarBrowser(app);
  };

  afterEach(() => app.close());

  it.each([
    ['http://shop.example.com', 'sid', {}],
    ['https://shop.example.com', '__Host-sid', {}],
    ['https://shop.example.com', '__Secure-sid', { domain: 'example.com' }],
    ['https://shop.example.com', '__Secure-sid', { domain: '.shop.example.com' }],
    ['https://shop.example.com', '__Secure-sid', { path: '/login' }],
    ['https://shop.example.com', 'sid', { prefix: false }],
    ['https://shop.example.com', '__Host-sid', { sameSite: 'strict', priority: 'high' }],
    [
      'https://shop.example.com',
      '__Host-sid',
      { secure: true, sameSite: 'none', partitioned: true },
    ],
    ['https://shop.example.com', '__Host-sid', { clearWithBrowser: false }],
  ] as const)(
    'R21 from %s is taken as %s, renewed and cleared: %j',
    async (origin, name, cookie) => {
      const browser = await start(cookie);
      const address = `${origin}/login/anna`;
      await browser.send('POST', address);
      const [first, ...others] = await browser.jar.getCookies(address);
      expect(first).toMatchObject({
        key: name,
        httpOnly: true,
        secure: origin.startsWith('https'),
      });
      expect(others).toEqual([]);
      await browser.send('POST', address);
      const renewed = await browser.jar.getCookies(address);
      expect(renewed.map(({ key }) => key)).toEqual([name]);
      expect(renewed[0]?.value).not.toBe(first?.value);
      await browser.send('POST', `${address}/logout`);
      expect(await browser.cookiesAt(address)).toEqual([]);
      // A jar keeps an expired cookie until it is asked for: what counts is that there is no other one.
      const { cookies } = await browser.jar.serialize();
      expect(cookies.filter(({ maxAge }) => maxAge !== 0)).toEqual([]);
    },
  );

  it('R21 a cookie of https is not sent over http', async () => {
    const browser = await start();
    await browser.send('POST', 'https://shop.example.com/login/anna');
    expect(await browser.cookiesAt('https://shop.example.com/me')).toEqual(['__Host-sid']);
    expect(await browser.cookiesAt('http://shop.example.com/me')).toEqual([]);
    expect(await browser.cookiesAt('https://evil.shop.example.com/me')).toEqual([]);
    expect(await browser.cookiesAt('https://example.com/me')).toEqual([]);
  });

  it('R21 a domain shares the session with its hosts, and no further', async () => {
    const browser = await start({ domain: 'example.com' });
    await browser.send('POST', 'https://shop.example.com/login/anna');
    expect(await browser.send('GET', 'https://help.example.com/me')).toMatchObject({
      owner: 'anna',
    });
    expect(await browser.cookiesAt('https://example.org/me')).toEqual([]);
  });

  it.each([
    ['strict', [], []],
    ['lax', ['__Host-sid'], []],
    ['none', ['__Host-sid'], ['__Host-sid']],
  ] as const)('R21 SameSite=%s: what other sites bring along', async (sameSite, link, embedded) => {
    const browser = await start({ sameSite, secure: true });
    await browser.send('POST', 'https://shop.example.com/login/anna');
    const address = 'https://shop.example.com/me';
    expect(await browser.cookiesAt(address, 'strict')).toEqual(['__Host-sid']);
    expect(await browser.cookiesAt(address, 'lax')).toEqual(link);
    expect(await browser.cookiesAt(address, 'none')).toEqual(embedded);
  });

  it('R19 a session planted by another host of the domain is not taken', async () => {
    const browser = await start();
    const attacker = new JarBrowser(app);
    await attacker.send('POST', 'https://evil.example.com/login/mallory');
    const [{ value } = { value: '' }] = await attacker.jar.getCookies('https://evil.example.com/');
    expect(value).toHaveLength(43);
    const evil = 'https://evil.example.com/';
    const planted = `__Host-sid=${value}; Domain=example.com; Path=/; Secure`;
    await expect(browser.jar.setCookie(planted, evil)).rejects.toThrow('__Host prefix');
    await browser.jar.setCookie(`sid=${value}; Domain=example.com; Path=/`, evil);
    await browser.jar.setCookie(`__Secure-sid=${value}; Domain=example.com; Path=/; Secure`, evil);
    const victim = 'https://shop.example.com/me';
    expect(await browser.cookiesAt(victim)).toHaveLength(2);
    expect(await browser.send('GET', victim)).toMatchObject({ isNew: true, all: {} });
  });
});
