import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SESSION_ADAPTER, SessionModule, type SessionService } from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';
import { StallingAdapter } from '../support/stalling-adapter.js';

const encryption = { keys: [randomBytes(32)] };

describe.each(platforms)('revocations of sessions in cookies on %s', (platform) => {
  let store: CountingAdapter;
  let stalling: StallingAdapter;
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    actions.clear();
    captureLogs();
    stalling = new StallingAdapter();
    store = new CountingAdapter(stalling);
    running = await startApp(platform, {
      imports: [
        SessionModule.forRoot({
          adapter: 'cookie',
          encryption,
          revocations: store,
          absoluteLifetime: 10_000,
          storeTimeout: 300,
        }),
      ],
      controllers: [ActionsController],
    });
    client = new Client(running.url);
    await run((session) => session.set('a', 1));
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running.close();
  });

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  async function seenBy(by: Client): Promise<unknown> {
    return (await run(everything, by)).json();
  }

  it('cost nothing without a session, one read to open one, and one more to change it', async () => {
    expect(store.calls).toEqual([]);
    await run(everything, new Client(running.url));
    expect(store.calls).toEqual([]);
    await run(everything);
    expect(store.calls).toEqual([
      { method: 'read', key: expect.stringMatching(/^sess:revoked:[\w-]{43}$/), ttl: undefined },
    ]);
    await run((session) => session.set('b', 2));
    expect(store.calls.map(({ method }) => method)).toEqual(['read', 'read', 'read']);
  });

  it("R22 are not asked of a session whose end has come by today's options", async () => {
    const issuedAt = Date.now();
    const shrunk = await startApp(platform, {
      imports: [
        SessionModule.forRoot({
          adapter: 'cookie',
          encryption,
          revocations: store,
          lifetime: 60,
          absoluteLifetime: 60,
        }),
      ],
      controllers: [ActionsController],
    });
    const visitor = client.tab(shrunk.url);
    expect(await seenBy(visitor)).toEqual({ a: 1 });
    jest.spyOn(Date, 'now').mockReturnValue(issuedAt + 61_000);
    store.reset();
    expect(await seenBy(visitor)).toEqual({});
    expect(store.calls).toEqual([]);
    await shrunk.close();
  });

  it('R12 end a stolen copy with the logout, until it would have ended by any clock', async () => {
    const copy = client.tab();
    await run((session) => session.set('later', true));
    const laterCopy = client.tab();
    store.reset();
    const answer = await run((session) => session.logout());
    expect(answer.setCookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0; /)]);
    const [revocation] = store.calls.filter(({ method }) => method === 'create');
    expect(revocation?.ttl).toBeGreaterThan(9990 + 3600);
    expect(revocation?.ttl).toBeLessThanOrEqual(10_000 + 3600);
    const record = await store.peek(revocation?.key ?? '');
    expect(record?.data).toMatch(/^[\w-]{12}$/);

    for (const thief of [copy, laterCopy]) {
      expect(await seenBy(thief)).toEqual({});
      const begun = await run((session) => session.set('new', 1), thief);
      expect(begun.setCookies).toHaveLength(1);
      expect(await seenBy(thief)).toEqual({ new: 1 });
    }
  });

  it.each([300, 3000])(
    'R12 stay as long as a copy opens where the clock of whoever logs out is %d seconds ahead',
    async (seconds) => {
      const now = Date.now();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
      await run((session) => session.logout());
      clock.mockRestore();
      const [revocation] = store.calls.filter(({ method }) => method === 'create');
      expect(revocation?.ttl).toBeGreaterThanOrEqual(10_000);
    },
  );

  it.each<[string, SessionAction]>([
    ['login', (session) => session.login('kimbra')],
    ['regenerateId', (session) => session.regenerateId()],
    ['regenerateId(false)', (session) => session.regenerateId(false)],
  ])('R20 %s ends the copies of the old id', async (_, action) => {
    const copy = client.tab();
    expect((await run(action)).status).toBe(200);
    expect(await seenBy(copy)).toEqual({});
    expect(await seenBy(client)).toEqual({ a: 1 });
  });

  it('R12 refuse what a slower request would store, or save under a new id', async () => {
    const slower: SessionAction[] = [
      (session) => void session.set('b', 2),
      (session) => session.update<number>('b', () => 2),
      (session) => session.regenerateId(),
      (session) => session.login('kimbra'),
    ];
    for (const action of slower) {
      const visitor = new Client(running.url);
      await run((session) => session.set('a', 1), visitor);
      const other = visitor.tab();
      const answer = await run(async (session) => {
        await run((its) => its.logout(), other);
        await action(session);
      }, visitor);
      expect(answer.status).toBe(409);
      expect(answer.setCookies).toEqual([]);
    }
  });

  it('R12 answer a slower request as usual that has only read', async () => {
    const other = client.tab();
    const answer = await run(async (session) => {
      await run((its) => its.logout(), other);
      return session.toJSON();
    });
    expect(answer.json()).toEqual({ a: 1 });
    expect(answer.setCookies).toEqual([]);
  });

  it('R13 a login whose revocation was stored and not confirmed succeeds', async () => {
    const copy = client.tab();
    store.loseAnswers('create');
    expect((await run((session) => session.login('kimbra'))).status).toBe(200);
    expect(await seenBy(client)).toEqual({ a: 1 });
    expect(await seenBy(copy)).toEqual({});
  });

  it('R25 a store that is down is 503, the cookie stays, and its return heals', async () => {
    store.isDown = true;
    const answer = await run(everything);
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect((await run((session) => session.set('b', 2), new Client(running.url))).status).toBe(200);
    store.isDown = false;
    expect(await seenBy(client)).toEqual({ a: 1 });
  });

  it('R23 a store that does not answer is 503 in time', async () => {
    stalling.isStalled = true;
    expect((await run(everything)).status).toBe(503);
    stalling.isStalled = false;
    expect(await seenBy(client)).toEqual({ a: 1 });
  });

  it.each<[string, (session: SessionService) => Promise<void>]>([
    ['logout', (session) => session.logout()],
    ['login', (session) => session.login('kimbra')],
  ])('R25 a %s that cannot be told to the store changes nothing', async (_, action) => {
    let error: Error | undefined;
    const answer = await run(async (session) => {
      store.isDown = true;
      error = await failureOf(action(session));
      store.isDown = false;
      return session.toJSON();
    });
    expect(error?.name).toBe('SessionStoreUnavailableException');
    expect(answer.json()).toEqual({ a: 1 });
    expect(answer.setCookies).toEqual([]);
    expect(await seenBy(client)).toEqual({ a: 1 });
  });

  it('are what SESSION_ADAPTER provides', () => {
    expect(running.app.get(SESSION_ADAPTER)).toBe(store);
  });
});

describe.each(platforms)('the store of revocations on %s', (platform) => {
  it('is opened with the application, and not closed', async () => {
    const logs = captureLogs();
    const store = new MemoryAdapter();
    const open = jest.spyOn(store, 'open');
    const close = jest.fn(async () => undefined);
    Object.assign(store, { close });
    const app = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: 'cookie', encryption, revocations: store })],
    });
    expect(open).toHaveBeenCalledTimes(1);
    await app.close();
    expect(close).not.toHaveBeenCalled();
    expect(ownLogs(logs)).toEqual([]);
    jest.restoreAllMocks();
  });

  it('stops the boot when it cannot be reached', async () => {
    const store = new MemoryAdapter();
    const fault = new Error('connect ECONNREFUSED 10.11.12.13:6379');
    jest.spyOn(store, 'open').mockRejectedValue(fault);
    const error = await failureOf(
      startApp(platform, {
        imports: [SessionModule.forRoot({ adapter: 'cookie', encryption, revocations: store })],
      }),
    );
    expect(error).toMatchObject({ name: 'SessionStoreUnavailableException', cause: fault });
    jest.restoreAllMocks();
  });
});
