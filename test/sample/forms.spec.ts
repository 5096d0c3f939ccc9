import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

const BLANK = '   ';
const ADDRESS = { name: BLANK, street: '7 Harbour Street', city: 'Wellington' };

describe.each(platforms)('the forms of the sample on %s', (platform) => {
  let sample: RunningSample;
  let browser: Browser;

  beforeAll(async () => {
    sample = await startSample(platform);
    browser = sample.browser();
    await browser.logIn();
    await browser.submit('/cart/add', { product: 'huila' });
  });

  afterAll(() => sample.close());

  it.each([
    ['/address', ADDRESS, 'Your address'],
    ['/checkout/address', ADDRESS, 'Checkout'],
    ['/login', { name: BLANK, password: 'espresso' }, 'Log in'],
    ['/admin', { note: BLANK }, 'Back office'],
  ])('%s shows the form again where a field is blank', async (path, fields, heading) => {
    const { status, headers, text } = await browser.submit(path, fields);
    expect([status, headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain(`<h1>${heading}</h1>`);
    expect(text).toContain('class="owner">kimbra<');
    const [blank = ''] = Object.keys(fields);
    expect(inputOf(text, blank)).toContain(
      `aria-invalid="true" aria-describedby="problem-${blank}" autofocus`,
    );
    expect(text).toContain(`id="problem-${blank}">Please fill this in.<`);
    expect(text.match(/class="problem"/g)).toHaveLength(1);
  });

  it.each(['/address', '/checkout/address'])('%s keeps what was typed', async (path) => {
    const long = '<b>'.repeat(40);
    const { text } = await browser.submit(path, { ...ADDRESS, street: long });
    expect(inputOf(text, 'city')).toContain('value="Wellington"');
    expect(inputOf(text, 'street')).toContain(`value="${'&lt;b&gt;'.repeat(40)}"`);
    expect(text).toContain('id="problem-street">100 characters at most, please.<');
    expect(text.match(/autofocus/g)).toHaveLength(1);
    const form = await browser.open(path === '/address' ? path : '/checkout?step=address');
    expect(form).not.toContain('Wellington');
  });

  it('keeps the name of a login, and no password', async () => {
    const { text } = await browser.submit('/login', { name: 'omar', password: BLANK });
    expect(inputOf(text, 'name')).toContain('value="omar"');
    const secret = 'p'.repeat(101);
    const again = await browser.submit('/login', { name: BLANK, password: secret });
    expect(again.text).not.toContain(secret);
  });

  it('shows a message that waits with the form that comes again', async () => {
    await browser.submit('/session', { grind: 'filter' });
    const { text } = await browser.submit('/address', ADDRESS);
    expect(text).toContain('Stored before this page was sent.');
    expect(await browser.open('/')).not.toContain('Stored before this page was sent.');
  });
});

/** The markup of a field that can be seen. */
function inputOf(page: string, name: string): string {
  const [input] = new RegExp(`<input id="field-${name}"[^>]*>`).exec(page) ?? [];
  if (input === undefined) throw new Error(`The page has no field "${name}"`);
  return input;
}
