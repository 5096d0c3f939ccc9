import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type RunningSample, startSample } from './running-sample.js';

describe.each(platforms)('the sample on %s', (platform) => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  afterAll(() => sample.close());

  it('R1 shows a home page that sends no cookie and links pages that are there', async () => {
    const browser = sample.browser();
    const answer = await browser.client.get('/');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.setCookies).toEqual([]);
    const links = [...answer.text.matchAll(/href="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(new Set(links).size).toBeGreaterThan(5);
    for (const link of links) expect(await browser.open(link)).toContain('<!doctype html>');
  });

  it('R4 sends no cookie before something is stored', async () => {
    const browser = sample.browser();
    for (const path of ['/user', '/cart', '/wizard', '/account', '/office'])
      await browser.open(path);
    expect(browser.client.cookies.size).toBe(0);
  });

  it('sets, gets, asks for and removes variables, and logs out', async () => {
    const browser = sample.browser();
    const saved = await browser.submit('/user', { nickname: 'Kimbra', luckyNumber: '0' });
    expect(saved.status).toBe(303);
    expect(saved.headers.get('location')).toBe('/user');
    const page = await browser.open('/user');
    expect(page).toContain('<td>Kimbra</td>');
    expect(page).toContain('<td>0</td>');
    expect(page).toContain('<td>nickname, luckyNumber</td>');

    await browser.submit('/user/remove');
    expect(await browser.open('/user')).toContain('<td>nickname</td>');

    await browser.submit('/user/logout');
    expect(browser.client.cookies.size).toBe(0);
    expect(await browser.open('/user')).toContain('<td>nobody</td>');
  });

  it('escapes what people enter', async () => {
    const browser = sample.browser();
    const nickname = `<img src=x onerror="alert('&')">`;
    await browser.submit('/user', { nickname, luckyNumber: '1' });
    const page = await browser.open('/user');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;');
  });

  it('R4 stores nothing of a form that is refused', async () => {
    const browser = sample.browser();
    const refused = await browser.submit('/user', { nickname: 'x'.repeat(101), luckyNumber: '1' });
    expect(refused.status).toBe(400);
    expect(browser.client.cookies.size).toBe(0);
  });

  it('hands a bag to a template as it is', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { article: 'bread' });
    await browser.submit('/cart/add', { article: 'apple' });
    const page = await browser.open('/cart');
    expect(page).toContain('<td>bread</td>');
    expect(page).toContain('{&quot;bread&quot;:1,&quot;apple&quot;:1}');

    await browser.submit('/cart/remove', { article: 'bread' });
    expect(await browser.open('/cart')).toContain('{&quot;apple&quot;:1}');
    await browser.submit('/cart/clear');
    expect(await browser.open('/cart')).toContain('nothing yet');
  });

  it('R11 counts clicks that come at once', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { article: 'coffee' });
    const clicks = Array.from({ length: 9 }, () =>
      browser.submit('/cart/add', { article: 'coffee' }),
    );
    await Promise.all(clicks);
    expect(await browser.open('/cart')).toContain('{&quot;coffee&quot;:10}');
  });

  it('leads through the wizard, each visitor on a trip of their own', async () => {
    const [anna, bert] = [sample.browser(), sample.browser()];
    await anna.submit('/wizard/destination', { destination: 'Rome' });
    await bert.submit('/wizard/destination', { destination: 'Oslo' });
    expect(await anna.open('/wizard')).toContain('Step 2 of 3: to Rome');
    await anna.submit('/wizard/nights', { nights: '3' });
    expect(await anna.open('/wizard')).toContain('3 nights in Rome');
    expect(await bert.open('/wizard')).toContain('Step 2 of 3: to Oslo');
    await anna.submit('/wizard/restart');
    expect(await anna.open('/wizard')).toContain('Step 1 of 3');
  });
});
