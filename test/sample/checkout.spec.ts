import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, seenOn, startSample } from './running-sample.js';

const ADDRESS = { name: 'Kimbra Johnson', street: '7 Harbour Street', city: 'Wellington' };
const NOTHING = 'There is nothing in your bag, so there is nothing to order.';

describe.each(platforms)('the checkout of the sample on %s', (platform) => {
  let sample: RunningSample;
  let browser: Browser;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  beforeEach(() => {
    browser = sample.browser();
  });

  afterAll(() => sample.close());

  it.each(['', '?step=address', '?step=review'])(
    'R4 leads an empty bag back to the shop: /checkout%s',
    async (query) => {
      const page = await browser.open(`/checkout${query}`);
      expect(page).toContain(NOTHING);
      expect(page).toContain('<a class="button" href="/">See the coffees</a>');
      expect(page).not.toMatch(/class="steps"|action="\/checkout/);
      expect(browser.client.cookies.size).toBe(0);
    },
  );

  it('has the same for a bag that was emptied on the way, and goes on when it is not', async () => {
    await browser.submit('/cart/add', { product: 'gayo' });
    await browser.submit('/checkout/address', ADDRESS);
    await browser.submit('/cart/clear');
    await browser.submit('/checkout/delivery', { delivery: 'bike' });
    expect(await browser.open('/checkout')).toContain(NOTHING);
    await browser.submit('/checkout/order');
    expect(await browser.open('/')).toContain('Your bag is empty');
    await browser.submit('/cart/add', { product: 'siesta' });
    expect(await browser.open('/checkout')).toContain('Is this right?');
  });

  it('orders nothing while a step is missing, and leads to that', async () => {
    await browser.submit('/cart/add', { product: 'gayo' });
    await browser.submit('/checkout/address', ADDRESS);
    const { headers } = await browser.submit('/checkout/order');
    expect(headers.get('location')).toBe('/checkout');
    const page = await browser.open('/checkout');
    expect(page).toContain('Nothing is ordered yet');
    expect(page).toContain('How shall it come?');
    expect(page).toContain('class="count">1<');
  });

  describe('with all steps done', () => {
    let seen: string;

    beforeEach(async () => {
      await browser.submit('/cart/add', { product: 'gayo' });
      await browser.submit('/checkout/address', ADDRESS);
      await browser.submit('/checkout/delivery', { delivery: 'bike' });
      seen = seenOn(await browser.open('/checkout'));
    });

    it.each([
      ['one more in the bag', '/cart/add', { product: 'gayo' }],
      ['another coffee', '/cart/add', { product: 'huila' }],
      ['another address', '/checkout/address', { ...ADDRESS, city: 'Oslo' }],
      ['another delivery', '/checkout/delivery', { delivery: 'post' }],
    ])('orders nothing else than was seen: %s, in another tab', async (_what, path, fields) => {
      await browser.submit(path, fields);
      const { headers } = await browser.submit('/checkout/order', { seen });
      expect(headers.get('location')).toBe('/checkout');
      const page = await browser.open('/checkout');
      expect(page).toContain('Nothing is ordered yet: something has changed');
      expect(page).toContain('Is this right?');
      await browser.submit('/checkout/order', { seen: seenOn(page) });
      expect(await browser.open('/')).toContain('Thank you, Kimbra Johnson.');
    });

    it('says to a second click, whose answer alone is seen, that the order is placed', async () => {
      await browser.submit('/checkout/order', { seen });
      await browser.open('/');
      const { headers } = await browser.submit('/checkout/order', { seen });
      expect(headers.get('location')).toBe('/');
      expect(await browser.open('/')).toContain('Your order is placed, Kimbra Johnson.');
    });
  });
});
