import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type SessionModuleOptions, SessionRegistry } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import type { Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { actions, runAs } from '../support/session-actions.js';
import { TwoApps } from '../support/two-apps.js';

const OWNER = 'kimbra';

describe.each(platforms)('R12 the cookie of a slow answer to a login on %s', (platform) => {
  const now = performance.now.bind(performance);
  let store: CountingAdapter;
  let apps: TwoApps;
  let there: Client;
  let late: number;

  async function start(options?: SessionModuleOptions): Promise<void> {
    apps = await TwoApps.start(platform, options ?? { adapter: store, maxSessionsPerOwner: 1 });
    there = apps.there();
  }

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

  /** Answers so late, after what else happens. */
  function logInSlowly(
    meanwhile: () => Promise<unknown> = async () => {},
    milliseconds = 300,
  ): Promise<Answer> {
    return runAs(there, async (session) => {
      await session.login(OWNER);
      store.reset();
      await meanwhile();
      late += milliseconds;
    });
  }

  it('does not take the place of that of a quicker login, which has ended the session', async () => {
    await start();
    const answer = await logInSlowly(() => runAs(apps.here, (session) => session.login(OWNER)));
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it('does not come where another process has revoked the session', async () => {
    await start();
    const answer = await logInSlowly(async () =>
      apps.first.app.get(SessionRegistry).revokeAll(OWNER),
    );
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  it.each([
    ['after one more look, where all is as it was', 300, 1],
    ['without that where the answer is quick', 0, 0],
  ])('comes %s', async (_, milliseconds, looks) => {
    await start();
    const answer = await logInSlowly(undefined, milliseconds);
    expect(answer.setCookies).toHaveLength(1);
    expect([store.count('read'), store.count()]).toEqual([looks, looks]);
  });

  it('comes where it holds the session', async () => {
    const encryption = { keys: [randomBytes(32)] };
    await start({ adapter: 'cookie', encryption, revocations: store });
    const answer = await logInSlowly();
    expect(answer.setCookies).toHaveLength(1);
    expect((await runAs(there, (session) => session.owner)).json()).toBe(OWNER);
  });

  it('R25 comes where the store does not say', async () => {
    await start();
    const answer = await logInSlowly(async () => {
      store.isDown = true;
    });
    store.isDown = false;
    expect([answer.status, answer.setCookies.length]).toEqual([200, 1]);
    expect((await runAs(there, (session) => session.owner)).json()).toBe(OWNER);
  });
});
