import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../security/chromium.js';
import { platforms } from '../../support/http-apps.js';
import { type RunningSample, startSample } from '../running-sample.js';
import { counted, press, textOf, Visitor } from './visitor.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 30_000);

afterAll(() => browser.close());

/** The second click comes while the answer to the first is on its way, and the browser forgets that. */
describe.each(platforms)('a double click in Chromium, on %s', (platform) => {
  let sample: RunningSample;
  let visitor: Visitor;
  let page: Page;
  let sent: string[];

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  beforeEach(async () => {
    visitor = await Visitor.in(browser, `http://localhost:${sample.port}`);
    ({ page } = visitor);
    await page.goto('/');
    await press(page, 'Add Siesta to the bag');
    sent = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(new URL(request.url()).pathname);
    });
  });

  afterEach(() => visitor.close());

  afterAll(() => sample.close());

  const clickTwice = async (button: string): Promise<void> => {
    const network = await visitor.slowDown(page);
    const arrived = page.waitForEvent('load');
    await page.evaluate(`for (const delay of [0, 150]) {
      setTimeout(() => document.querySelector('${button}').click(), delay);
    }`);
    await arrived;
    await network.detach();
  };

  it('sends an order once', async () => {
    await page.goto('/checkout');
    for (const label of ['Name', 'Street', 'Town']) await page.getByLabel(label).fill('Omar');
    await press(page, 'Continue');
    await page.getByLabel('Post').check();
    await press(page, 'Continue');
    sent.length = 0;
    await clickTwice('[action="/checkout/order"] button');
    expect(sent).toEqual(['/checkout/order']);
    expect(await textOf(page)).toContain('Thank you, Omar.');
  });

  it.each([
    ['/session', '/session/renew', '[action="/session/renew"] button', 'The session has a new id'],
    ['/login', '/login', '.logins li:last-child button', 'Welcome, omar.'],
  ])('gives one new id and keeps the bag: on %s', async (path, action, button, message) => {
    await page.goto(path);
    await clickTwice(button);
    expect(sent).toEqual([action]);
    expect(await textOf(page)).toContain(message);
    expect(await counted(page)).toBe(1);
  });
});
