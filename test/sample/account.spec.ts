import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CODE } from '../../sample/account/security.js';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

describe.each(platforms)('the account of the sample on %s', (platform) => {
  let sample: RunningSample;

  const login = async (browser: Browser, owner: string, code = CODE): Promise<Browser> => {
    await browser.submit('/account/login', { owner, code });
    return browser;
  };

  beforeEach(async () => {
    sample = await startSample(platform);
  });

  afterEach(() => sample.close());

  it('counts wrong codes in the bag of the security component', async () => {
    const browser = await login(sample.browser(), 'anna', '0000');
    await login(browser, 'anna', '1111');
    expect(await browser.open('/account')).toContain('Wrong codes so far: 2');
    await login(browser, 'anna');
    expect(await browser.open('/account')).toContain('Logged in as <strong>anna</strong>');
    await browser.submit('/account/logout');
    expect(await browser.open('/account')).not.toContain('Wrong codes');
  });

  it('gives a new id at login and keeps the cart', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { article: 'apple' });
    const before = browser.client.cookies.get('sid');
    await login(browser, 'anna');
    expect(browser.client.cookies.get('sid')).not.toBe(before);
    expect(await browser.open('/cart')).toContain('{&quot;apple&quot;:1}');
  });

  it('lists the sessions of the owner and ends the others', async () => {
    const [here, there] = [await login(sample.browser(), 'anna'), sample.browser()];
    await login(there, 'anna');
    const page = await here.open('/account');
    expect(page.match(/this browser/g)).toHaveLength(1);
    expect(page.match(/revoke\(\)/g)).toHaveLength(1);

    await here.submit('/account/revoke-others');
    expect(await there.open('/account')).toContain('Nobody is logged in');
    expect(await here.open('/account')).not.toContain('revoke()');
  });

  it('ends one session that is chosen from the list', async () => {
    const [here, there] = [await login(sample.browser(), 'anna'), sample.browser()];
    await login(there, 'anna');
    const [, key = ''] = /name="key" value="([^"]+)"/.exec(await here.open('/account')) ?? [];
    await here.submit('/account/revoke', { key });
    expect(await there.open('/account')).toContain('Nobody is logged in');
  });

  it('asks for a recent login where it matters', async () => {
    const browser = await login(sample.browser(), 'anna');
    expect(await browser.open('/account/address')).toContain('The login is recent');
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    expect((await browser.client.get('/account/address')).status).toBe(401);
  });
});
