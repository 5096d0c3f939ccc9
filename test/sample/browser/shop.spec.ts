import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../../security/chromium.js';
import { platforms } from '../../support/http-apps.js';
import { type RunningSample, startSample } from '../running-sample.js';
import { screenshot } from './screenshot.js';
import { counted, press, textOf, Visitor } from './visitor.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 30_000);

afterAll(() => browser.close());

describe.each(platforms)('the shop in Chromium, on %s', (platform) => {
  let sample: RunningSample;
  let visitor: Visitor;
  let page: Page;

  const newVisitor = (options?: BrowserContextOptions): Promise<Visitor> =>
    Visitor.in(browser, `http://localhost:${sample.port}`, options);

  beforeAll(async () => {
    sample = await startSample(platform);
    visitor = await newVisitor();
    ({ page } = visitor);
  });

  afterEach(async () => {
    const complaints = visitor.complaints.splice(0);
    if (complaints.length > 0) throw new Error(`Chromium complains: ${complaints.join('\n')}`);
    await visitor.leave();
  });

  afterAll(async () => {
    await visitor.close();
    await sample.close();
  });

  it('R4 puts no cookie into the jar before something is in the bag, and a guarded one then', async () => {
    for (const path of ['/tour', '/', '/cart', '/session', '/login', '/admin']) {
      await page.goto(path);
      expect(await visitor.cookies()).toEqual([]);
    }
    await page.goto('/');
    await press(page, 'Add Sidamo to the bag');
    const [cookie, ...others] = await visitor.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'sid', httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(cookie?.expires).toBe(-1);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await textOf(page)).toContain('Sidamo is in your bag.');
    expect(await counted(page)).toBe(1);
    await page.reload();
    expect(await textOf(page)).not.toContain('Sidamo is in your bag.');
    await screenshot(page, 'shop-light', 'desktop', 'light');
    await screenshot(page, 'shop-dark', 'desktop', 'dark');
  });

  it('R11 keeps what two tabs put into the bag at once', async () => {
    const [here, there] = [page, await visitor.tab()];
    await here.goto('/');
    await press(here, 'Add Huila to the bag');
    await there.goto('/');
    await Promise.all([press(here, 'Add Gayo to the bag'), press(there, 'Add Gayo to the bag')]);
    await Promise.all([press(here, 'Add Nyeri to the bag'), press(there, 'Add Huila to the bag')]);
    await here.goto('/cart');
    expect(await here.locator('output').allInnerTexts()).toEqual(['2', '2', '1']);
    await press(here, 'One less');
    await screenshot(here, 'bag', 'phone', 'dark');
    expect(await counted(here)).toBe(4);
  });

  it('asks before it empties the bag', async () => {
    await page.goto('/');
    await press(page, 'Add Huila to the bag');
    await page.goto('/cart');
    page.once('dialog', (dialog) => void dialog.dismiss());
    await page.getByRole('button', { name: 'Empty the bag' }).click();
    expect(await counted(page)).toBe(1);
    page.once('dialog', (dialog) => void dialog.accept());
    await press(page, 'Empty the bag');
    expect(await textOf(page)).toContain('Everything is out of your bag.');
  });

  it('leads through the checkout, back and forth, and goes on where one left', async () => {
    await page.goto('/');
    await press(page, 'Add Siesta to the bag');
    await page.goto('/checkout');
    await page.getByLabel('Name').fill('Kimbra Johnson');
    await page.getByLabel('Street').fill('7 Harbour Street');
    await page.getByLabel('Town').fill('Wellington');
    await press(page, 'Continue');
    await page.goto('/tour');
    await page.goto('/checkout');
    await page.getByLabel('Bike courier').check();
    await screenshot(page, 'checkout', 'phone', 'light');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'Change the address' }).click();
    expect(await page.getByLabel('Town').inputValue()).toBe('Wellington');
    await page.getByLabel('Town').fill('Dunedin');
    await press(page, 'Continue');
    expect(await textOf(page)).toMatch(/Dunedin[^]*Bike courier[^]*€10.50/);
    await press(page, 'Order now');
    expect(await textOf(page)).toContain('Thank you, Kimbra Johnson.');
    expect(await counted(page)).toBe(0);
    await page.goBack();
    expect(await textOf(page)).not.toContain('Dunedin');
  });

  it('R10 shares the session with the back office, each with variables of its own', async () => {
    await page.goto('/session');
    await page.getByRole('combobox').selectOption('espresso');
    await press(page, 'Store it');
    const key = await page.innerText('.stored-at dd');
    await page.goto('/admin');
    await page.getByRole('textbox').fill('Order beans');
    await press(page, 'Keep it');
    expect(await page.innerText('.stored-at dd')).toBe(key);
    expect(await textOf(page)).toMatch(/keys\(\)\s+note/);
    page.once('dialog', (dialog) => void dialog.accept());
    await press(page, 'End the session');
    expect(await visitor.cookies()).toEqual([]);
    await page.goto('/session');
    expect(await textOf(page)).toMatch(/has\('grind'\)\s+no/);
  });

  it('has an inspector, in which two tabs that write at once both survive', async () => {
    await page.goto('/');
    await press(page, 'Add Siesta to the bag');
    await page.goto('/session');
    await page.getByRole('link', { name: 'inspector' }).first().click();
    const report = await page.innerText('body');
    expect(report).toContain('siesta');
    expect(report).toContain('/cart/add');
    await press(page, 'Two tabs write at once');
    await screenshot(page, 'inspector', 'desktop', 'light');
    expect(await page.innerText('#result')).toMatch(/A wrote.*stored[^]*B wrote.*stored/);
    await press(page, 'The same with last-write-wins');
    expect(await page.innerText('#result')).toContain('is lost');
  });

  it('works without JavaScript', async () => {
    const plain = await newVisitor({ javaScriptEnabled: false });
    const { page: tab } = plain;
    await tab.goto('/');
    await press(tab, 'Add Nyeri to the bag');
    await tab.goto('/checkout');
    for (const label of ['Name', 'Street', 'Town']) await tab.getByLabel(label).fill('Omar');
    await press(tab, 'Continue');
    await tab.getByLabel('Post').check();
    await press(tab, 'Continue');
    await press(tab, 'Order now');
    await plain.logIn('omar');
    expect(await textOf(tab)).toContain('Welcome, omar.');
    await tab.goto('/live');
    expect(await textOf(tab)).toMatch(/Reload the page to see.*[^]*Logged in\s+omar/);
    await tab.goto('/devices');
    expect(await textOf(tab)).toContain('This device');
    await press(tab, 'Log out everywhere');
    expect(await textOf(tab)).toContain('You are logged out');
    expect(await plain.cookies()).toEqual([]);
    expect(plain.complaints).toEqual([]);
    await plain.close();
  });

  it('loses nothing over a slow network', async () => {
    const [here, there] = [page, await visitor.tab()];
    const slow = await Promise.all([here, there].map((tab) => visitor.slowDown(tab)));
    await here.goto('/');
    await press(here, 'Add Cerrado to the bag');
    await there.goto('/');
    await Promise.all([
      press(here, 'Add Cerrado to the bag'),
      press(there, 'Add Cerrado to the bag'),
    ]);
    const before = await visitor.cookies();
    await visitor.logIn();
    expect(await counted(here)).toBe(3);
    const after = await visitor.cookies();
    expect(after).toHaveLength(1);
    expect(after[0]?.value).not.toBe(before[0]?.value);
    await Promise.all(slow.map((network) => network.detach()));
  });

  it('has pages that a phone does not have to scroll sideways, with labels and landmarks', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto('/');
    await press(page, 'Add Cerrado to the bag');
    await visitor.logIn();
    const paths = ['/', '/cart', '/checkout', '/login', '/devices', '/address', '/session'];
    for (const path of [...paths, '/live', '/admin', '/tour', '/logged-out']) {
      await page.goto(path);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect([path, width]).toEqual([path, 360]);
      const counts = await Promise.all(
        ['h1', 'main', 'header', 'nav[aria-label]', 'footer'].map((part) =>
          page.locator(part).count(),
        ),
      );
      expect([path, counts]).toEqual([path, [1, 1, 1, 1, 1]]);
      const unlabelled = await page.evaluate(
        `Array.from(document.querySelectorAll('input:not([type=hidden]), select'))
          .filter((field) => field.labels.length === 0).length`,
      );
      expect([path, unlabelled]).toEqual([path, 0]);
    }
  });
});
