import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../security/chromium.js';
import { type RunningSample, startSample } from '../running-sample.js';
import { flawsOf, unseenFocus } from './page-flaws.js';
import { press, Visitor } from './visitor.js';

const EMPTY = ['/', '/cart', '/checkout', '/login', '/session', '/admin', '/tour', '/logged-out'];
const FULL = ['/', '/cart', '/checkout', '/session', '/devices', '/address', '/live', '/admin'];

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 30_000);

afterAll(() => browser.close());

/** The pages are the same on both platforms: each has one of the two sizes. */
describe.each([
  ['express', 360, 740],
  ['fastify', 1280, 800],
] as const)('what the pages look like in Chromium, on %s at %s x %s', (platform, width, height) => {
  let sample: RunningSample;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    sample = await startSample(platform);
    const url = `http://localhost:${sample.port}`;
    visitor = await Visitor.in(browser, url, { viewport: { width, height } });
    ({ page } = visitor);
  });

  afterAll(async () => {
    await visitor.close();
    await sample.close();
  });

  const expectNoFlaw = async (): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const flaws = await flawsOf(page);
      expect([page.url(), colorScheme, flaws]).toEqual([page.url(), colorScheme, []]);
    }
  };

  const expectNoFlaws = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      await page.goto(path);
      await expectNoFlaw();
    }
  };

  it('has no flaw for who comes first', async () => {
    await expectNoFlaws(EMPTY);
    expect(visitor.complaints).toEqual([]);
  });

  it('has no flaw for who is logged in, with many of everything in the bag', async () => {
    await visitor.logIn();
    for (const product of ['sidamo', 'huila']) {
      await page.request.post('/cart/change', {
        form: { product, by: '99' },
        headers: { origin: `http://localhost:${sample.port}` },
      });
    }
    await expectNoFlaws(FULL);
    await page.goto('/checkout');
    for (const label of ['Name', 'Street', 'Town']) {
      await page.getByLabel(label).fill('Wellington'.repeat(9));
    }
    await press(page, 'Continue');
    await expectNoFlaw();
    await page.getByLabel('Bike courier').check();
    await press(page, 'Continue');
    await expectNoFlaw();
    expect(visitor.complaints).toEqual([]);
    await expectNoFlaws(['/inspector', '/nowhere']);
  });

  it('has no flaw where a form comes again, and leads to the field', async () => {
    for (const path of ['/address', '/admin', '/login']) {
      await page.goto(path);
      await page.getByRole('textbox').first().fill('   ');
      await page.evaluate("document.querySelector('main .fields').noValidate = true");
      await page.locator('main .fields button').click();
      await page.locator('.problem').first().waitFor();
      await expectNoFlaw();
      const focused = page.locator(':focus');
      expect(await focused.getAttribute('aria-invalid')).toBe('true');
    }
  });

  it('shows where the focus is', async () => {
    for (const path of ['/', '/cart', '/devices', '/admin', '/login', '/inspector']) {
      await page.goto(path);
      expect([path, await unseenFocus(page)]).toEqual([path, []]);
    }
  });
});
