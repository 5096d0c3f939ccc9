import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
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

describe.each(platforms)('the accounts in Chromium, on %s', (platform) => {
  let sample: RunningSample;
  let visitor: Visitor;
  let page: Page;
  /** Another device. */
  let other: Visitor;

  beforeAll(async () => {
    sample = await startSample(platform);
    const url = `http://localhost:${sample.port}`;
    [visitor, other] = [await Visitor.in(browser, url), await Visitor.in(browser, url)];
    ({ page } = visitor);
  });

  afterEach(() => Promise.all([visitor.leave(), other.leave()]));

  afterAll(async () => {
    await Promise.all([visitor.close(), other.close()]);
    await sample.close();
  });

  it('refuses a wrong password, and gives a new cookie with the right one', async () => {
    await page.goto('/');
    await press(page, 'Add Gayo to the bag');
    await page.goto('/login');
    await page.getByLabel('Name').fill('kimbra');
    await page.getByLabel('Password').fill('instant');
    await press(page, 'Log in');
    expect(await page.getByRole('alert').innerText()).toContain('That is not the password.');
    await screenshot(page, 'login', 'phone', 'dark');
    const [before] = await visitor.cookies();
    await page.getByLabel('Name').fill('kimbra');
    await page.getByLabel('Password').fill('espresso');
    await press(page, 'Log in');
    const [after, ...others] = await visitor.cookies();
    expect(others).toEqual([]);
    expect(after?.value).not.toBe(before?.value);
    expect(await counted(page)).toBe(1);
    expect(await page.innerText('.owner')).toBe('kimbra');
    expect(visitor.complaints).toEqual([]);
  });

  it('shows nothing private with the back button after a logout', async () => {
    await visitor.logIn();
    await page.goto('/address');
    for (const label of ['Name', 'Street', 'Town']) await page.getByLabel(label).fill('Wellington');
    await press(page, 'Save');
    const visited = ['/checkout', '/session', '/devices'];
    for (const path of visited) await page.goto(path);
    await press(page, 'Log out');
    expect(await textOf(page)).toContain('You are logged out');
    expect(await visitor.cookies()).toEqual([]);
    for (const _ of ['/address', ...visited]) {
      await page.goBack();
      expect(await page.locator('.owner').count()).toBe(0);
      expect(await page.getByRole('link', { name: 'Log in' }).count()).toBe(1);
      expect(await page.content()).not.toContain('Wellington');
    }
  });

  it('lists the devices, logs one out and then all', async () => {
    await visitor.logIn('omar');
    await other.logIn('omar');
    await page.goto('/devices');
    await screenshot(page, 'devices', 'phone', 'light');
    expect(await page.getByText('This device').count()).toBe(1);
    const others = page.locator('main').getByRole('button', { name: /^Log out Chrome/ });
    expect(await others.count()).toBe(1);
    await press(page, 'Log out Chrome on Linux');
    expect(await textOf(page)).toContain('That device is logged out.');
    expect(await others.count()).toBe(0);
    await other.page.goto('/devices');
    expect(await textOf(other.page)).toContain('Please log in first.');

    await press(other.page, 'Be omar');
    page.once('dialog', (dialog) => void dialog.accept());
    await press(page, 'Log out everywhere');
    expect(await visitor.cookies()).toEqual([]);
    await other.page.goto('/devices');
    expect(await textOf(other.page)).toContain('Please log in first.');
  });

  it('asks for the password again before the address, and leads back to it', async () => {
    await visitor.logIn();
    await page.goto('/address');
    for (const label of ['Name', 'Street', 'Town']) await page.getByLabel(label).fill('Wellington');
    await press(page, 'Save');
    expect(await textOf(page)).toContain('Your address is saved.');

    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    await page.goto('/address');
    expect(new URL(page.url()).pathname).toBe('/login');
    expect(await textOf(page)).toContain('This needs a recent login.');
    await press(page, 'Be kimbra');
    expect(new URL(page.url()).pathname).toBe('/address');
    expect(await page.getByLabel('Town').inputValue()).toBe('Wellington');
    clock.mockRestore();
  });

  it('shows on the live page what another tab does, and is cut off by its logout', async () => {
    const [live, shop] = [page, await visitor.tab()];
    await visitor.logIn();
    await live.goto('/live');
    await live.getByText('Connected', { exact: true }).waitFor();
    await shop.goto('/');
    await press(shop, 'Add Nyeri to the bag');
    await live.locator('#live', { hasText: 'Nyeri' }).waitFor();
    expect(await counted(live)).toBe(1);
    await shop.goto('/session');
    await press(shop, 'Store it');
    await live.locator('#live', { hasText: 'grind' }).waitFor();
    await screenshot(live, 'live', 'desktop', 'light');

    await press(shop, 'Log out');
    await live.waitForURL('**/login');
    expect(await live.content()).not.toContain('Nyeri');
    expect(visitor.complaints).toEqual([]);
  });

  it('is cut off by a logout on another device, and connects again after a new login', async () => {
    await visitor.logIn();
    await other.logIn();
    await page.goto('/live');
    await page.getByText('Connected', { exact: true }).waitFor();
    await other.page.goto('/devices');
    await press(other.page, 'Log out the others');
    await page.waitForURL('**/login');
    await press(page, 'Be kimbra');
    expect(new URL(page.url()).pathname).toBe('/live');
    await page.getByText('Connected', { exact: true }).waitFor();
  });

  describe('next to another site', () => {
    let site: Server;
    let target: string;

    beforeAll(async () => {
      target = `http://localhost:${sample.port}`;
      site = createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end(
          `<form method="post" action="${target}/cart/add">
            <input name="product" value="huila"><button>Win</button></form>
          <iframe src="${target}/"></iframe>`,
        );
      });
      await once(site.listen(0, '127.0.0.1'), 'listening');
    });

    afterAll(() => {
      site.close();
      site.closeAllConnections();
    });

    it.each(['localhost', 'other.localhost'])(
      'takes no form, frame or socket of %s',
      async (host) => {
        await visitor.logIn();
        const { port } = site.address() as AddressInfo;
        await page.goto(`http://${host}:${port}/`);
        expect(await page.frames()[1]?.content()).not.toContain('Coffee that remembers you');
        const code = await page.evaluate(
          `new Promise((resolve) => {
          const socket = new WebSocket('${target.replace('http', 'ws')}/live/socket');
          socket.addEventListener('open', () => resolve('open'));
          socket.addEventListener('close', ({ code }) => resolve(code));
        })`,
        );
        expect(code).toBe(1006);
        await press(page, 'Win');
        expect(await textOf(page)).toContain('This form was sent from elsewhere');
        await page.goto(target);
        expect(await counted(page)).toBe(0);
      },
    );
  });
});
