import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import type { Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { actions, runAs, type SessionAction } from '../support/session-actions.js';
import { TwoApps } from '../support/two-apps.js';

const ends: readonly (readonly [string, SessionAction])[] = [
  ['login', (session) => session.login('kimbra')],
  ['regenerateId', (session) => session.regenerateId()],
  ['logout', (session) => session.logout()],
];

describe.each(platforms)('R12 cookies with Max-Age of a slow answer on %s', (platform) => {
  const now = performance.now.bind(performance);
  let store: CountingAdapter;
  let apps: TwoApps;
  let here: Client;
  let there: Client;
  let late: number;

  beforeEach(() => {
    actions.clear();
    captureLogs();
    store = new CountingAdapter();
    late = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + late);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await apps.close();
  });

  async function start(options?: SessionModuleOptions): Promise<void> {
    const lasting: SessionModuleOptions = { adapter: store, cookie: { clearWithBrowser: false } };
    apps = await TwoApps.start(platform, options ?? lasting);
    here = apps.here;
    await runAs(here, (session) => session.set('count', 1));
    there = apps.there();
    store.reset();
  }

  /** Only reads, and answers so late, after what else happens. */
  function readSlowly(meanwhile?: SessionAction, milliseconds = 300): Promise<Answer> {
    return runAs(there, async (session) => {
      expect(session.get('count')).toBe(1);
      if (meanwhile) await runAs(here, meanwhile);
      late += milliseconds;
      return 'read';
    });
  }

  it.each(ends)('do not come after a %s in another process', async (_, end) => {
    await start();
    const answer = await readSlowly(end);
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it.each(ends)(
    'do not come after a %s where only the session outlives the browser',
    async (_, end) => {
      await start({ adapter: store });
      await runAs(here, (session) => session.setLifetime(10_000));
      const answer = await readSlowly(end);
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
    },
  );

  it.each(ends)('do not come after a %s that has revoked the cookie', async (_, end) => {
    const encryption = { keys: [randomBytes(32)] };
    await start({ adapter: 'cookie', encryption, revocations: store });
    const clock = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => clock + 1_000_000);
    const answer = await readSlowly(end);
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it('come after one more look at the store, where all is as it was', async () => {
    await start();
    const answer = await readSlowly();
    expect(answer.setCookies).toEqual([expect.stringMatching(/^sid=.*; Max-Age=3600; /)]);
    expect(store.calls).toEqual([
      { method: 'read', key: expect.any(String), ttl: 3600 },
      { method: 'read', key: expect.any(String), ttl: undefined },
    ]);
  });

  it.each<[string, number, SessionAction]>([
    ['a quick answer', 0, (session) => session.get('count')],
    ['one that has stored something', 300, (session) => session.set('count', 2)],
  ])('R22 come with %s without another look', async (_, milliseconds, action) => {
    await start();
    const answer = await runAs(there, async (session) => {
      late += milliseconds;
      await action(session);
    });
    expect(answer.setCookies).toHaveLength(1);
    expect(store.count('read')).toBe(1);
  });

  it('R22 are not asked for where the client has them, and they bear no Max-Age', async () => {
    await start({ adapter: store });
    expect((await readSlowly()).setCookies).toEqual([]);
    expect(store.count('read')).toBe(1);
  });

  it('R25 do not come where the store does not say, and the answer goes out', async () => {
    await start();
    const answer = await readSlowly(() => {
      store.isDown = true;
    });
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
    store.isDown = false;
    expect((await readSlowly()).setCookies).toHaveLength(1);
  });
});
