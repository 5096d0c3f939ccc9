import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SessionCookieOptions } from 'nestjs-session-bag';
import type { BrowserContext, Page } from 'playwright-core';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { type Platform, platforms } from '../support/http-apps.js';
import { post, startChromium, visit } from './chromium.js';
import { keptFolder } from './temporary-folder.js';
import { startTlsProxy, type TlsProxy, trustingAdapter } from './tls-proxy.js';
import { startVisitorApp, type VisitorApp } from './visitor-app.js';

describe('the session cookie in Chromium', () => {
  const folder = keptFolder();
  let browser: BrowserContext;
  let proxy: TlsProxy;
  let app: VisitorApp;
  let page: Page;

  beforeAll(async () => {
    [browser, proxy] = await Promise.all([
      startChromium(`${await folder}/profile`),
      startTlsProxy(await folder),
    ]);
  }, 30_000);

  afterEach(async () => {
    await page.close();
    await browser.clearCookies();
    await app.close();
  });

  afterAll(async () => {
    await browser.close();
    await proxy.close();
  });

  const start = async (
    platform: Platform,
    cookie: SessionCookieOptions = {},
    isProxyTrusted = true,
  ): Promise<void> => {
    const adapter = isProxyTrusted ? trustingAdapter(platform) : platform;
    app = await startVisitorApp(adapter, new MemoryAdapter(), { cookie });
    proxy.forwardTo(app.port);
    page = await browser.newPage();
  };
  const secure = (host: string): string => `https://${host}.localhost:${proxy.port}`;
  const plain = (host: string): string => `http://${host}.localhost:${app.port}`;

  /** Logs in twice and out again; gives the cookies that the browser has after each. */
  const comeAndGo = async (origin: string) => {
    await page.goto(`${origin}/me`);
    const kept = [];
    for (const path of ['/login/anna', '/login/anna', '/logout']) {
      expect(await post(page, path)).toBe(201);
      kept.push(await browser.cookies());
    }
    return kept;
  };

  it.each(platforms)('R21 is set, renewed and cleared over http, on %s', async (platform) => {
    await start(platform);
    const [first, second, last] = await comeAndGo(plain('shop'));
    const expected = { name: 'sid', domain: 'shop.localhost', httpOnly: true, secure: false };
    expect(first).toEqual([expect.objectContaining({ ...expected, sameSite: 'Lax' })]);
    expect(second).toEqual([expect.objectContaining(expected)]);
    expect(second?.[0]?.value).not.toBe(first?.[0]?.value);
    expect(last).toEqual([]);
  });

  it.each(platforms)('R21 is __Host- behind a trusted proxy, on %s', async (platform) => {
    await start(platform);
    const [first, second, last] = await comeAndGo(secure('shop'));
    const expected = { name: '__Host-sid', httpOnly: true, secure: true, path: '/' };
    expect(first).toEqual([expect.objectContaining(expected)]);
    expect(second).toEqual([expect.objectContaining(expected)]);
    expect(second?.[0]?.value).not.toBe(first?.[0]?.value);
    expect(last).toEqual([]);
  });

  it.each(platforms)(
    'R21 is plain behind an untrusted proxy, and logged, on %s',
    async (platform) => {
      const logs = captureLogs();
      await start(platform, {}, false);
      const [first, , last] = await comeAndGo(secure('shop'));
      expect(first).toEqual([expect.objectContaining({ name: 'sid', secure: false })]);
      expect(last).toEqual([]);
      expect(ownLogs(logs)).toEqual([
        expect.objectContaining({ text: expect.stringContaining('does not trust its proxy') }),
      ]);
    },
  );

  it('R21 is shared with the hosts of its domain, as __Secure-', async () => {
    await start('fastify', { domain: 'shop.localhost' });
    await page.goto(`${secure('www.shop')}/me`);
    expect(await post(page, '/login/anna')).toBe(201);
    expect((await browser.cookies()).map(({ name }) => name)).toEqual(['__Secure-sid']);
    expect(await visit(page, `${secure('help.shop')}/me`)).toMatchObject({ owner: 'anna' });
    expect(await visit(page, `${secure('other')}/me`)).toMatchObject({ isNew: true });
    await page.goto(`${secure('help.shop')}/me`);
    await post(page, '/logout');
    expect(await browser.cookies()).toEqual([]);
  });

  it('no script reads it, and none of another host of the domain puts one in its place', async () => {
    await start('express');
    await page.goto(`${secure('evil.shop')}/me`);
    await post(page, '/login/mallory');
    const [{ value: id } = { value: '' }] = await browser.cookies();
    expect(await page.evaluate('document.cookie')).toBe('');
    for (const name of ['__Host-sid', '__Secure-sid', 'sid']) {
      const planted = `${name}=${id}; Domain=shop.localhost; Path=/; Secure`;
      await page.evaluate(`document.cookie = ${JSON.stringify(planted)}`);
    }
    const sent = await browser.cookies(secure('shop'));
    expect(sent.map(({ name }) => name).toSorted()).toEqual(['__Secure-sid', 'sid']);
    expect(await visit(page, `${secure('shop')}/me`)).toMatchObject({ isNew: true, all: {} });
  });

  it.each([
    ['strict', {}],
    ['lax', { owner: 'anna' }],
  ] as const)('R21 SameSite=%s: a link of another site brings %j', async (sameSite, brought) => {
    await start('fastify', { sameSite });
    await page.goto(`${secure('shop')}/me`);
    await post(page, '/login/anna');
    await page.goto(`${secure('other')}/me`);
    await Promise.all([
      page.waitForURL(/shop/),
      page.evaluate(`location.assign('${secure('shop')}/me')`),
    ]);
    const seen = JSON.parse(await page.innerText('body')) as object;
    expect(seen).toMatchObject({ isNew: sameSite === 'strict', ...brought });
  });

  it('R21 Partitioned: embedded by another site it is kept apart', async () => {
    await start('express', { sameSite: 'none', secure: true, partitioned: true });
    await page.goto(`${secure('other')}/me`);
    expect(await embed(page, `${secure('shop')}/cached/none`)).toEqual({});
    const [cookie, ...others] = await browser.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: '__Host-sid', sameSite: 'None' });
    expect(cookie?.partitionKey).toContain('other.localhost');
    expect(await embed(page, `${secure('shop')}/me`)).toMatchObject({ all: { cart: 'book' } });
    expect(await visit(page, `${secure('shop')}/me`)).toMatchObject({ isNew: true, all: {} });
  });
});

/** Embeds another site; gives what that says. */
async function embed(page: Page, address: string): Promise<unknown> {
  const answer = page.waitForResponse(address);
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('iframe'), { src: '${address}' }))`,
  );
  return (await answer).json();
}
