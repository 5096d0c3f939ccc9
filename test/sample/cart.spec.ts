import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

const LIMIT = 'No more than 99 of Huila go into one order.';

describe.each(platforms)('the bag of the sample on %s', (platform) => {
  let sample: RunningSample;
  let browser: Browser;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  beforeEach(() => {
    browser = sample.browser();
  });

  afterAll(() => sample.close());

  const add = () => browser.submit('/cart/add', { product: 'huila' });
  const change = (by: string) => browser.submit('/cart/change', { product: 'huila', by });

  it('is empty, and speaks of cookies only where there is none', async () => {
    expect(await browser.open('/cart')).toContain('There is nothing in it yet, and so no cookie');
    await browser.logIn();
    const page = await browser.open('/cart');
    expect(page).toContain('There is nothing in it.');
    expect(page).not.toContain('cookie');
  });

  it('says that it was emptied, once', async () => {
    await add();
    await browser.submit('/cart/clear');
    const page = await browser.open('/cart');
    expect(page).toContain('Everything is out of your bag.');
    expect(page).toContain('There is nothing in it.');
  });

  it('says once what several clicks have done', async () => {
    for (let click = 0; click < 3; click++) await add();
    expect((await browser.open('/')).match(/Huila is in your bag/g)).toHaveLength(1);
  });

  it('takes 99 of each, and says so where one wants more', async () => {
    await change('98');
    expect(await browser.open('/cart')).not.toMatch(/99 at most|disabled/);
    await add();
    expect(await browser.open('/')).toContain('Huila is in your bag.');
    const full = await browser.open('/cart');
    expect(full).toContain('€11.00 each, 99 at most');
    expect(full).toContain('aria-label="One more" disabled');
    expect(full).not.toContain(LIMIT);

    await add();
    const shop = await browser.open('/');
    expect(shop).toContain(LIMIT);
    expect(shop).not.toContain('Huila is in your bag.');
    await change('1');
    const page = await browser.open('/cart');
    expect(page).toContain(LIMIT);
    expect(page).toContain('<output>99</output>');
  });

  it.each([
    ['/cart/change', { product: 'huila' }, 'a whole number from -99 to 99'],
    ['/cart/change', { product: 'huila', by: '100' }, 'a whole number from -99 to 99'],
    ['/cart/add', { product: 'tea' }, 'There is no such coffee.'],
    ['/session', { grind: 'dust' }, 'We do not grind it like that.'],
    ['/checkout/delivery', {}, 'Please choose how it shall come.'],
  ])('%s says what is wrong with %p', async (path, fields, sentence) => {
    const { status, text } = await browser.submit(path, fields);
    expect(status).toBe(400);
    expect(text).toContain(sentence);
  });
});
