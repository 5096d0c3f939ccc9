import { beforeEach, describe, expect, it } from '@jest/globals';
import { type SessionService, SessionStoreUnavailableException } from 'nestjs-session-bag';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { pollUntil } from '../support/poll.js';
import { UnitSessions } from '../support/unit-session.js';

const OWNER = 'kimbra';
const execute: Plan = (call) => call();

describe('a login that is refused since the store goes away, where one session is allowed', () => {
  let adapter: CountingAdapter;
  let sessions: UnitSessions;

  beforeEach(() => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter, {
      maxSessionsPerOwner: 1,
      whenOwnerIsFull: 'reject',
      storeTimeout: 300,
    });
  });

  /** The store takes the list, then the record, and answers nothing from then on. */
  async function refuse(answer: 'told' | 'lost'): Promise<void> {
    adapter.planNext('create', execute);
    adapter.planNext('create', async (call) => {
      const isCreated = await call();
      adapter.isDown = true;
      if (answer === 'lost') throw adapter.fault;
      return isCreated;
    });
    const session = await sessions.open();
    await expect(session.login(OWNER)).rejects.toThrow(SessionStoreUnavailableException);
    adapter.isDown = false;
    expect(await listed()).toBe(1);
  }

  async function listed(): Promise<number> {
    return (await sessions.store.owned.list(OWNER)).length;
  }

  async function loggedIn(): Promise<SessionService> {
    const session = await sessions.open();
    await session.login(OWNER);
    return session;
  }

  it.each(['told', 'lost'] as const)(
    'is taken back when the store is there again, so that the owner gets in (answer %s)',
    async (answer) => {
      await refuse(answer);
      const what = 'the session to be taken back';
      await pollUntil(async () => (await listed()) === 0, { within: 5000, what });
      expect((await loggedIn()).owner).toBe(OWNER);
    },
  );

  it.each(['told', 'lost'] as const)(
    'is taken back at the latest when the application ends (answer %s)',
    async (answer) => {
      await refuse(answer);
      await sessions.store.stop();
      expect(await listed()).toBe(0);
    },
  );
});
