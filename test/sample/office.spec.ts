import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type RunningSample, startSample } from './running-sample.js';

describe.each(platforms)('R10 the two applications of the sample on %s', (platform) => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  afterAll(() => sample.close());

  it('share a session and see their own variables', async () => {
    const browser = sample.browser();
    await browser.submit('/user', { nickname: 'Kimbra', luckyNumber: '7' });
    await browser.submit('/office', { nickname: 'Ms Johnson' });
    const [shop, office] = [await browser.open('/user'), await browser.open('/office')];
    expect(browser.client.cookies.size).toBe(1);
    expect(keyOn(office)).toBe(keyOn(shop));
    expect(shop).toContain('<td>Kimbra</td>');
    expect(office).toContain('<td>Ms Johnson</td>');
    expect(office).not.toContain('luckyNumber');
  });

  it('lose nothing when both write at once', async () => {
    const browser = sample.browser();
    await browser.submit('/wizard/destination', { destination: 'Rome' });
    await Promise.all([
      browser.submit('/user', { nickname: 'Kimbra', luckyNumber: '7' }),
      browser.submit('/office', { nickname: 'Ms Johnson' }),
    ]);
    expect(await browser.open('/user')).toContain('<td>Kimbra</td>');
    expect(await browser.open('/office')).toContain('<td>Ms Johnson</td>');
    expect(await browser.open('/wizard')).toContain('to Rome');
  });

  it('clear what is their own, and end the session for both', async () => {
    const browser = sample.browser();
    await browser.submit('/user', { nickname: 'Kimbra', luckyNumber: '7' });
    await browser.submit('/office', { nickname: 'Ms Johnson' });
    await browser.submit('/office/clear');
    expect(await browser.open('/office')).toContain('<td>nobody</td>');
    expect(await browser.open('/user')).toContain('<td>Kimbra</td>');
    await browser.submit('/office/logout');
    expect(await browser.open('/user')).toContain('<td>nobody</td>');
  });
});

function keyOn(page: string): string {
  const [key] = /sess:[\w-]{43}/.exec(page) ?? [];
  if (key === undefined) throw new Error('The page shows no key');
  return key;
}
