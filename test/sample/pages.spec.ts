import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type RunningSample, seenOn, startSample } from './running-sample.js';

const PAGES = ['/', '/cart', '/checkout', '/login', '/session', '/admin'];
/** Those with fields. */
const FORMS = [
  '/cart/add',
  '/cart/change',
  '/cart/remove',
  '/checkout/address',
  '/checkout/delivery',
  '/login',
  '/session',
  '/devices/log-out',
  '/address',
  '/admin',
];
const FIELDS = [
  'product',
  'by',
  'name',
  'street',
  'city',
  'delivery',
  'password',
  'grind',
  'key',
  'note',
];
const ADDRESS = { name: 'Kimbra Johnson', street: '7 Harbour Street', city: 'Wellington' };

describe.each(platforms)('the sample on %s', (platform) => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  afterAll(() => sample.close());

  it('R1 has a tour that uses no session and links pages that are there', async () => {
    const browser = sample.browser();
    const answer = await browser.client.get('/tour');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('vary')).toBeNull();
    expect(answer.setCookies).toEqual([]);
    const links = [...answer.text.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(
      ([, path]) => path ?? '',
    );
    expect(new Set(links).size).toBeGreaterThan(8);
    await browser.logIn();
    for (const link of links) expect((await browser.client.get(link)).status).toBe(200);
  });

  it('R4 sends no cookie before something is stored', async () => {
    const browser = sample.browser();
    for (const path of PAGES) await browser.open(path);
    expect(browser.client.cookies.size).toBe(0);
  });

  it.each([...PAGES, '/tour', '/logged-out', '/nowhere', '/admin/nowhere'])(
    'lets no other site into %s, and no script but its own',
    async (path) => {
      const { headers } = await sample.browser().client.get(path);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'; style-src 'self'; script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    },
  );

  it('has no script and no style within its pages, which the policy would forbid', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { product: 'huila' });
    await browser.logIn();
    for (const path of [...PAGES, '/devices', '/address', '/tour', '/logged-out']) {
      expect(await browser.open(path)).not.toMatch(/<style|<script(?! src=)| style=| on\w+=/);
    }
  });

  it('keeps private pages out of caches', async () => {
    const browser = sample.browser();
    await browser.logIn();
    for (const path of [...PAGES, '/devices', '/address']) {
      const { headers } = await browser.client.get(path);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it.each([
    ['another site', { origin: 'http://elsewhere.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['what says nothing of itself', {}],
  ])('does nothing for a form of %s', async (_sender, headers) => {
    const browser = sample.browser();
    for (const path of ['/cart/add', '/login', '/admin']) {
      const body = new URLSearchParams({ product: 'huila', note: 'x' });
      const answer = await browser.client.send('POST', path, { headers, body });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('sent from elsewhere');
    }
    expect(browser.client.cookies.size).toBe(0);
  });

  it('escapes what people enter', async () => {
    const browser = sample.browser();
    const name = `<img src=x onerror="alert('&')">`;
    await browser.submit('/cart/add', { product: 'gayo' });
    await browser.submit('/checkout/address', { ...ADDRESS, name });
    const page = await browser.open('/checkout?step=address');
    expect(page).not.toContain('<img src=x');
    expect(page).toContain('value="&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;"');
  });

  it('R4 stores nothing of a form that is refused, and says why', async () => {
    const browser = sample.browser();
    const refused = await browser.submit('/admin', { note: 'x'.repeat(101) });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(refused.text).toContain('100 characters at most');
    expect(browser.client.cookies.size).toBe(0);
  });

  it('has a page for what is not there', async () => {
    const { status, text } = await sample.browser().client.get('/nowhere');
    expect(status).toBe(404);
    expect(text).toContain('Back to the shop');
  });

  it('fills and empties the bag, and says so over a redirect, once', async () => {
    const browser = sample.browser();
    const added = await browser.submit('/cart/add', { product: 'huila' });
    expect([added.status, added.headers.get('location')]).toEqual([303, '/']);
    expect(await browser.open('/')).toContain('Huila is in your bag.');
    expect(await browser.open('/')).not.toContain('Huila is in your bag.');

    await browser.submit('/cart/change', { product: 'huila', by: '2' });
    await browser.submit('/cart/add', { product: 'siesta' });
    const cart = await browser.open('/cart');
    expect(cart).toContain('<output>3</output>');
    expect(cart).toContain('€43.50');
    expect(cart).toContain('class="count">4<');

    await browser.submit('/cart/change', { product: 'siesta', by: '-1' });
    await browser.submit('/cart/remove', { product: 'huila' });
    expect(await browser.open('/cart')).toContain('There is nothing in it.');
  });

  it('keeps a count within what can be ordered', async () => {
    const browser = sample.browser();
    const change = async (by: string) => {
      const { status } = await browser.submit('/cart/change', { product: 'huila', by });
      return status;
    };
    expect(await change('-1')).toBe(303);
    expect(browser.client.cookies.size).toBe(0);
    expect(await change('99')).toBe(303);
    expect(await change('99')).toBe(303);
    await browser.submit('/cart/add', { product: 'huila' });
    expect(await browser.open('/cart')).toContain('<output>99</output>');
    for (const by of ['', 'one', '1.5', '1e3', '100', '-100', 'Infinity', '9'.repeat(20)]) {
      expect([by, await change(by)]).toEqual([by, 400]);
    }
    expect(await change('-99')).toBe(303);
    expect(await browser.open('/cart')).toContain('There is nothing in it.');
  });

  it.each(FORMS)('%s refuses what no form of it sends, and never fails', async (path) => {
    const browser = sample.browser();
    await browser.logIn();
    const send = async (type: string | undefined, body?: string) => {
      const headers = { origin: browser.origin, ...(type && { 'content-type': type }) };
      return browser.client.send('POST', path, { headers, body });
    };
    const { status, text } = await send(undefined);
    expect([status, text.includes('Back to the shop')]).toEqual([400, true]);
    expect((await send('application/json', 'null')).status).toBe(400);
    expect((await send('application/json', '[7]')).status).toBe(400);
    expect([400, 415]).toContain((await send('text/plain', 'name')).status);
    const lists = FIELDS.map((name) => `${name}=a&${name}=b`).join('&');
    expect((await send('application/x-www-form-urlencoded', lists)).status).toBe(400);
    const objects = JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, { length: 1 }])));
    expect((await send('application/json', objects)).status).toBe(400);
    const long = FIELDS.map((name) => `${name}=${'x'.repeat(9000)}`).join('&');
    expect((await send('application/x-www-form-urlencoded', long)).status).toBe(400);
  });

  it('R11 counts clicks that come at once', async () => {
    const browser = sample.browser();
    const click = () => browser.submit('/cart/add', { product: 'nyeri' });
    await click();
    await Promise.all(Array.from({ length: 9 }, click));
    expect(await browser.open('/cart')).toContain('<output>10</output>');
  });

  it('leads through the checkout, each visitor on an order of their own', async () => {
    const [anna, bert] = [sample.browser(), sample.browser()];
    for (const browser of [anna, bert]) await browser.submit('/cart/add', { product: 'gayo' });
    await anna.submit('/checkout/address', ADDRESS);
    await bert.submit('/checkout/address', { ...ADDRESS, name: 'Bert' });
    expect(await anna.open('/checkout?step=review')).toContain('How shall it come?');
    await anna.submit('/checkout/delivery', { delivery: 'bike' });
    const review = await anna.open('/checkout');
    expect(review).toContain('Kimbra Johnson, 7 Harbour Street, Wellington');
    expect(review).toContain('Bike courier');
    expect(await bert.open('/checkout')).toContain('How shall it come?');

    await anna.order();
    expect(await anna.open('/')).toContain('Thank you, Kimbra Johnson.');
    await anna.submit('/cart/add', { product: 'gayo' });
    expect(await anna.open('/checkout')).toContain('Where to?');
  });

  it('R11 places one order for two that are sent at once', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { product: 'gayo' });
    await browser.submit('/checkout/address', ADDRESS);
    await browser.submit('/checkout/delivery', { delivery: 'post' });
    await browser.open('/');
    const seen = seenOn(await browser.open('/checkout'));
    const order = () => browser.submit('/checkout/order', { seen });
    await Promise.all([order(), order()]);
    const page = await browser.open('/');
    expect(page.match(/Thank you, Kimbra Johnson/g)).toHaveLength(1);
    expect(page.match(/nothing more/g)).toHaveLength(1);
  });

  it('sets, gets, asks for and removes a variable', async () => {
    const browser = sample.browser();
    expect(await browser.open('/session')).toMatch(/expiresAt<\/code><\/dt><dd>not stored yet/);
    await browser.submit('/session', { grind: 'espresso' });
    expect(await browser.open('/session')).toMatch(
      /expiresAt<\/code><\/dt><dd>[\d-]{10} [\d:]{5} UTC/,
    );
    expect(await browser.open('/session')).toMatch(/has\('grind'\)<\/code><\/dt><dd>yes/);
    const key = keyOn(await browser.open('/session'));
    await browser.submit('/session/remove');
    expect(await browser.open('/session')).toMatch(/has\('grind'\)<\/code><\/dt><dd>no/);
    await browser.submit('/session/renew');
    expect(keyOn(await browser.open('/session'))).not.toBe(key);
    expect((await browser.submit('/session', { grind: 'dust' })).status).toBe(400);
  });

  it('R10 has a second application in the same session, with variables of its own', async () => {
    const browser = sample.browser();
    await browser.submit('/session', { grind: 'filter' });
    await browser.submit('/admin', { note: 'Order beans' });
    const [shop, admin] = [await browser.open('/session'), await browser.open('/admin')];
    expect(browser.client.cookies.size).toBe(1);
    expect(keyOn(admin)).toBe(keyOn(shop));
    expect(admin).toContain('<dd>Order beans</dd>');
    expect(admin).toMatch(/keys\(\)<\/code><\/dt><dd>note</);
    expect(shop).toMatch(/keys\(\)<\/code><\/dt><dd>grind</);

    await browser.submit('/admin/clear');
    expect(await browser.open('/admin')).toMatch(/keys\(\)<\/code><\/dt><dd>none/);
    expect(await browser.open('/session')).toMatch(/has\('grind'\)<\/code><\/dt><dd>yes/);
    await browser.submit('/admin/logout');
    expect(browser.client.cookies.size).toBe(0);
    expect(await browser.open('/session')).toMatch(/has\('grind'\)<\/code><\/dt><dd>no/);
  });

  it('R10 loses nothing when both applications write at once', async () => {
    const browser = sample.browser();
    await browser.submit('/cart/add', { product: 'gayo' });
    await browser.submit('/checkout/address', ADDRESS);
    await Promise.all([
      browser.submit('/session', { grind: 'filter' }),
      browser.submit('/admin', { note: 'Order beans' }),
    ]);
    expect(await browser.open('/session')).toMatch(/has\('grind'\)<\/code><\/dt><dd>yes/);
    expect(await browser.open('/admin')).toContain('<dd>Order beans</dd>');
    expect(await browser.open('/checkout')).toContain('How shall it come?');
  });
});

function keyOn(page: string): string {
  const [key] = /sess:[\w-]{43}/.exec(page) ?? [];
  if (key === undefined) throw new Error('The page shows no key');
  return key;
}
