import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { platforms } from '../support/http-apps.js';
import { type Browser, type RunningSample, startSample } from './running-sample.js';

const ADDRESS = { name: 'Kimbra Johnson', street: '7 Harbour Street', city: 'Wellington' };

describe.each(platforms)('an address that is sent too late after the login, on %s', (platform) => {
  let sample: RunningSample;
  let browser: Browser;

  beforeAll(async () => {
    sample = await startSample(platform);
  });

  beforeEach(async () => {
    browser = sample.browser();
    await browser.logIn();
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    await browser.submit('/address', ADDRESS);
  });

  afterEach(() => void jest.restoreAllMocks());

  afterAll(() => sample.close());

  it('stands in the form after the login, and is not saved by it', async () => {
    expect(await browser.open('/login')).toContain('This needs a recent login.');
    await browser.logIn('kimbra', 'instant');
    expect((await browser.logIn()).headers.get('location')).toBe('/address');
    const page = await browser.open('/address');
    for (const text of Object.values(ADDRESS)) expect(page).toContain(`value="${text}"`);
    expect(page).toContain('It is not saved yet.');
    expect(await browser.open('/address')).not.toContain('Wellington');

    await browser.submit('/address', ADDRESS);
    const saved = await browser.open('/address');
    expect(saved).toContain('value="Wellington"');
    expect(saved).not.toContain('It is not saved yet.');
  });

  it('is shown to nobody else who logs in', async () => {
    await browser.logIn('omar', 'ristretto');
    expect(await browser.open('/address')).not.toContain('Wellington');
    await browser.logIn();
    expect(await browser.open('/address')).not.toContain('Wellington');
  });

  it('is not kept where nobody is logged in, or no form sent it', async () => {
    const stranger = sample.browser();
    for (const [sender, fields] of [
      [stranger, ADDRESS],
      [browser, { name: 'Oslo' }],
    ] as const) {
      expect((await sender.submit('/address', fields)).status).toBe(303);
      await sender.logIn();
    }
    expect(await stranger.open('/address')).not.toContain('Wellington');
    expect(await browser.open('/address')).not.toContain('Oslo');
  });
});
