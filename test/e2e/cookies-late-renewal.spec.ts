import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { actions, runAs, type SessionAction } from '../support/session-actions.js';
import { TwoApps } from '../support/two-apps.js';

const RENEW_AFTER = 60;

const moves: readonly (readonly [string, SessionAction])[] = [
  ['login', (session) => session.login('kimbra')],
  ['regenerateId', (session) => session.regenerateId()],
  ['logout', (session) => session.logout()],
];

describe.each(platforms)('R12 the cookie of a renewed id on %s', (platform) => {
  let store: CountingAdapter;
  let apps: TwoApps;
  let here: Client;
  let there: Client;

  beforeEach(async () => {
    actions.clear();
    store = new CountingAdapter();
    apps = await TwoApps.start(platform, { adapter: store, renewAfter: RENEW_AFTER });
    here = apps.here;
    await runAs(here, (session) => session.set('count', 1));
    there = apps.there();
    const clock = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => clock + RENEW_AFTER * 1000);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await apps.close();
  });

  /** Answers after what else happens, under the same id. */
  function answerAfter(meanwhile: () => Promise<unknown>, action?: SessionAction): Promise<Answer> {
    return runAs(there, async (session) => {
      await action?.(session);
      await meanwhile();
      return session.get('count');
    });
  }

  it.each(moves)('does not come after a %s of somebody who was led to it', async (_, move) => {
    const answer = await answerAfter(() => runAs(here, move));
    expect([answer.status, answer.text, answer.setCookies]).toEqual([200, '1', []]);
  });

  it.each(moves)('does not come after a %s where it stores something, either', async (_, move) => {
    const answer = await answerAfter(
      () => runAs(here, move),
      (session) => session.set('seen', true).save(),
    );
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it.each(moves)('does not come after a %s where another answer was first', async (_, move) => {
    await runAs(here, (session) => session.get('count'));
    const answer = await answerAfter(() => runAs(here, move));
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it('comes where all is as it was, and where only another answer has told it', async () => {
    const answer = await answerAfter(() => runAs(here, (session) => session.set('other', 1)));
    expect(answer.setCookies).toHaveLength(1);
    expect(there.cookies.get('sid')).toBe(here.cookies.get('sid'));
  });

  it('comes where the request itself has given the session yet another id', async () => {
    const answer = await answerAfter(
      async () => undefined,
      (session) => session.regenerateId(),
    );
    expect(answer.setCookies).toHaveLength(1);
    expect((await runAs(there, (session) => session.get('count'))).text).toBe('1');
  });

  it('R25 comes where the store does not say whether it still is the right one', async () => {
    const answer = await answerAfter(async () => {
      store.isDown = true;
    });
    expect([answer.status, answer.setCookies.length]).toEqual([200, 1]);
    store.isDown = false;
    expect((await runAs(there, (session) => session.get('count'))).text).toBe('1');
  });
});
