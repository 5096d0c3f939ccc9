import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { deviceName } from '../../sample/login/device-name.js';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

const ADDRESS = { name: 'Kimbra Johnson', street: '7 Harbour Street', city: 'Wellington' };

describe.each(platforms)('the accounts of the sample on %s', (platform) => {
  let sample: RunningSample;

  const loggedIn = async (): Promise<Browser> => {
    const browser = sample.browser();
    await browser.logIn();
    return browser;
  };

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  /** Nobody is logged in anywhere when the next test begins. */
  afterEach(async () => {
    for (const [name, password] of [
      ['kimbra', 'espresso'],
      ['omar', 'ristretto'],
    ] as const) {
      const browser = sample.browser();
      await browser.logIn(name, password);
      await browser.submit('/devices/log-out-everywhere');
    }
  });

  afterAll(() => sample.close());

  it('shows logins that work', async () => {
    const page = await sample.browser().open('/login');
    const logins = [...page.matchAll(/name="name" value="(\w+)">\s*<input [^>]*value="(\w+)"/g)];
    expect(logins).toHaveLength(2);
    for (const [, name = '', password] of logins) {
      const browser = sample.browser();
      await browser.logIn(name, password);
      expect(await browser.open('/')).toContain(`Welcome, ${name}.`);
    }
  });

  it.each([
    ['a wrong password', 'kimbra', 'ristretto'],
    ['a name that nobody has', 'nobody', 'espresso'],
  ])('counts %s, and forgets it with the right one', async (_what, name, password) => {
    const browser = sample.browser();
    await browser.logIn(name, password);
    const refused = await browser.logIn(name, password);
    expect(refused.headers.get('location')).toBe('/login');
    const again = await browser.open('/login');
    expect(again).toContain('Wrong attempts so far: 2.');
    expect(again).toContain(`name="name" value="${name}" required`);
    await browser.logIn();
    await browser.logIn(name, password);
    expect(await browser.open('/login')).toContain('Wrong attempts so far: 1.');
  });

  it('gives a new id at login and keeps the bag', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { product: 'sidamo' });
    const before = browser.client.cookies.get('sid');
    await browser.logIn();
    expect(browser.client.cookies.get('sid')).not.toBe(before);
    expect(await browser.open('/cart')).toContain('Sidamo');
  });

  it('clears the cookie at logout and begins no new session for the goodbye', async () => {
    const browser = await loggedIn();
    const answer = await browser.submit('/logout');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/logged-out']);
    expect(await browser.open('/logged-out')).toContain('You are logged out');
    expect(browser.client.cookies.size).toBe(0);
  });

  it('lists the devices of the owner and ends the others', async () => {
    const [here, there] = [await loggedIn(), await loggedIn()];
    const page = await here.open('/devices');
    expect(page.match(/This device/g)).toHaveLength(1);
    expect(page.match(/name="key"/g)).toHaveLength(1);

    await here.submit('/devices/log-out-others');
    expect((await there.client.get('/devices')).status).toBe(303);
    expect(await here.open('/devices')).not.toContain('name="key"');
  });

  it('logs out one device that is chosen from the list, and none of another owner', async () => {
    const [here, there, omar] = [await loggedIn(), await loggedIn(), sample.browser()];
    await omar.logIn('omar', 'ristretto');
    const [, key = ''] = /name="key" value="([^"]+)"/.exec(await here.open('/devices')) ?? [];
    await omar.submit('/devices/log-out', { key });
    expect((await there.client.get('/devices')).status).toBe(200);
    await here.submit('/devices/log-out', { key });
    expect((await there.client.get('/devices')).headers.get('location')).toBe('/login');
    expect(await here.open('/devices')).toContain('That device is logged out.');
    await here.submit('/devices/log-out', { key });
    expect(await here.open('/devices')).toContain('That device was logged out before.');
  });

  it('logs out everywhere, here too', async () => {
    const [here, there] = [await loggedIn(), await loggedIn()];
    await here.submit('/devices/log-out-everywhere');
    expect(here.client.cookies.size).toBe(0);
    expect((await there.client.get('/devices')).status).toBe(303);
  });

  it('leads whoever is not logged in to the login, and back to the page that was wanted', async () => {
    const browser = sample.browser();
    expect((await browser.client.get('/devices')).headers.get('location')).toBe('/login');
    expect(await browser.open('/login')).toContain('Please log in first.');
    expect((await browser.logIn()).headers.get('location')).toBe('/devices');
    expect((await browser.logIn()).headers.get('location')).toBe('/');
  });

  it('leads back to the page of a button that was pressed too late', async () => {
    const browser = sample.browser();
    await browser.submit('/devices/log-out-others');
    expect((await browser.logIn()).headers.get('location')).toBe('/devices');
  });

  it('asks for a recent login before it shows or changes the address', async () => {
    const browser = await loggedIn();
    await browser.submit('/cart/add', { product: 'sidamo' });
    await browser.submit('/address', ADDRESS);
    expect(await browser.open('/address')).toContain('value="Wellington"');
    expect(await browser.open('/checkout')).toContain('value="Wellington"');

    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    expect((await browser.client.get('/address')).headers.get('location')).toBe('/login');
    await browser.submit('/address', { ...ADDRESS, city: 'Oslo' });
    expect((await browser.logIn()).headers.get('location')).toBe('/address');
    expect(await browser.open('/address')).toContain('value="Oslo"');
    expect(await browser.open('/address')).toContain('value="Wellington"');
    clock.mockRestore();
  });

  it('shows nothing of one person to the next who logs in', async () => {
    const browser = await loggedIn();
    await browser.submit('/cart/add', { product: 'sidamo' });
    await browser.submit('/address', ADDRESS);
    await browser.submit('/checkout/address', ADDRESS);
    expect(await browser.open('/checkout?step=address')).toContain('Wellington');
    await browser.logIn('omar', 'ristretto');
    expect(await browser.open('/address')).not.toContain('Wellington');
    expect(await browser.open('/checkout')).not.toContain('Wellington');
  });
});

describe('deviceName', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
      'Chrome on Linux',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1',
      'Safari on iOS',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['curl/8.0', 'A browser'],
    [undefined, 'A browser'],
  ])('calls %j %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});
