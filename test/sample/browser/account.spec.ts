import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
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
  const visitors: Visitor[] = [];
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  afterEach(() => Promise.all(visitors.splice(0).map((visitor) => visitor.close())));

  afterAll(() => sample.close());

  const visit = async (): Promise<Visitor> => {
    const visitor = await Visitor.in(browser, `http://localhost:${sample.port}`);
    visitors.push(visitor);
    return visitor;
  };

  it('refuses a wrong password, and gives a new cookie with the right one', async () => {
    const visitor = await visit();
    const { page } = visitor;
    await page.goto('/');
    await press(page, 'Add Gayo to the bag');
    await page.goto('/login');
    await page.getByLabel('Name').fill('kimbra');
    await page.getByLabel('Password').fill('instant');
    await press(page, 'Log in');
    expect(await page.getByRole('alert').innerText()).toContain('That is not the password.');
    await screenshot(page, 'login-phone-dark', 'phone', 'dark');
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
    const visitor = await visit();
    const { page } = visitor;
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
    const [here, there, elsewhere] = [await visit(), await visit(), await visit()];
    for (const visitor of [here, there, elsewhere]) await visitor.logIn('omar');
    await here.page.goto('/devices');
    await screenshot(here.page, 'devices', 'desktop', 'dark');
    expect(await here.page.getByText('This device').count()).toBe(1);
    const others = here.page.locator('main').getByRole('button', { name: /^Log out Chrome/ });
    expect(await others.count()).toBe(2);

    await press(here.page, 'Log out Chrome on Linux');
    expect(await textOf(here.page)).toContain('That device is logged out.');
    expect(await others.count()).toBe(1);
    await there.page.goto('/devices');
    expect(await textOf(there.page)).toContain('Please log in first.');

    here.page.once('dialog', (dialog) => void dialog.accept());
    await press(here.page, 'Log out everywhere');
    expect(await here.cookies()).toEqual([]);
    await elsewhere.page.goto('/devices');
    expect(await textOf(elsewhere.page)).toContain('Please log in first.');
  });

  it('asks for the password again before the address, and leads back to it', async () => {
    const visitor = await visit();
    const { page } = visitor;
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
    const visitor = await visit();
    const [live, shop] = [visitor.page, await visitor.tab()];
    await visitor.logIn();
    await live.goto('/live');
    await live.getByText('Connected', { exact: true }).waitFor();
    await shop.goto('/');
    await press(shop, 'Add Nyeri to the bag');
    await live.locator('#live', { hasText: 'Nyeri' }).waitFor();
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
    const [here, there] = [await visit(), await visit()];
    await here.logIn();
    await there.logIn();
    await here.page.goto('/live');
    await here.page.getByText('Connected', { exact: true }).waitFor();
    await there.page.goto('/devices');
    await press(there.page, 'Log out the others');
    await here.page.waitForURL('**/login');
    await press(here.page, 'Be kimbra');
    expect(new URL(here.page.url()).pathname).toBe('/live');
    await here.page.getByText('Connected', { exact: true }).waitFor();
  });

  describe('next to another site', () => {
    let other: Server;
    let target: string;

    beforeAll(async () => {
      target = `http://localhost:${sample.port}`;
      other = createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end(
          `<form method="post" action="${target}/cart/add">
            <input name="product" value="huila"><button>Win</button></form>
          <iframe src="${target}/"></iframe>`,
        );
      });
      await once(other.listen(0, '127.0.0.1'), 'listening');
    });

    afterAll(() => {
      other.close();
      other.closeAllConnections();
    });

    it.each(['localhost', 'other.localhost'])(
      'takes no form, frame or socket of %s',
      async (host) => {
        const visitor = await visit();
        const { page } = visitor;
        await visitor.logIn();
        const { port } = other.address() as AddressInfo;
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
