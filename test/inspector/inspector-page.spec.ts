import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { SessionInspectorModule } from 'nestjs-session-bag/inspector';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../security/chromium.js';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { ActionsController, runAs } from '../support/session-actions.js';

/** Without a space at which it could be broken. */
const LONG = 'x'.repeat(300);
const PHONE = { width: 360, height: 740 };

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 30_000);

afterAll(() => browser.close());

describe.each(platforms)('the page of the inspector in Chromium, on %s', (platform) => {
  let running: RunningApp;
  let page: Page;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot(), SessionInspectorModule.forRoot({ showValues: true })],
      controllers: [ActionsController],
    });
    const client = new Client(running.url);
    await runAs(client, (session) => {
      session
        .set('nickname', LONG)
        .set(LONG, 1)
        .set('cart', { [LONG]: LONG });
    });
    const context = await browser.newContext({ viewport: PHONE, baseURL: running.url });
    const value = client.cookies.get('sid') ?? '';
    await context.addCookies([{ name: 'sid', value, url: running.url }]);
    page = await context.newPage();
    await page.goto('/session-inspector');
  });

  afterAll(async () => {
    await page.context().close();
    await running.close();
  });

  /** In pixels, of all that match and are shown. */
  const widthsOf = (selector: string): Promise<number[]> =>
    page.evaluate(
      `Array.from(document.querySelectorAll('${selector}'), (part) => part.clientWidth)
        .filter((width) => width > 0)`,
    );

  it('is not scrolled sideways on a phone, nor is a part of it, though no value can be broken', async () => {
    expect(await page.innerText('body')).toContain(LONG);
    const overflowing = await page.evaluate(
      `Array.from(document.querySelectorAll('html, section'))
        .filter((part) => part.scrollWidth > part.clientWidth).length`,
    );
    expect(overflowing).toBe(0);
  });

  it('gives each cell room to be read on a phone, with the name of its column', async () => {
    for (const id of ['session', 'commits', 'requests']) {
      const widths = await widthsOf(`#${id} td`);
      expect(widths.length).toBeGreaterThan(3);
      expect(Math.min(...widths)).toBeGreaterThan(120);
    }
    const name = await page.evaluate(
      `getComputedStyle(document.querySelector('#requests td'), '::before').content`,
    );
    expect(name).toBe('"At"');
  });

  it('breaks no time and no duration on a phone or a desk', async () => {
    for (const width of [PHONE.width, 1280]) {
      await page.setViewportSize({ ...PHONE, width });
      const heights = await page.evaluate(
        `Array.from(document.querySelectorAll('time'), (time) => time.getClientRects().length)`,
      );
      expect(new Set(heights as number[])).toEqual(new Set([1]));
      expect(await page.locator('#requests td').nth(3).innerText()).toMatch(/^[\d.]+\u00a0ms$/);
    }
    await page.setViewportSize(PHONE);
  });

  it('has one heading, a landmark, and colours for light and dark', async () => {
    const counts = ['html[lang=en]', 'h1', 'main'].map((part) => page.locator(part).count());
    expect(await Promise.all(counts)).toEqual([1, 1, 1]);
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
  });
});
