import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

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
    expect(page).toContain('Nothing is ordered yet: this step is missing.');
    expect(page).toContain('How shall it come?');
    expect(page).toContain('class="count">1<');
  });
});
