import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule, SessionStoreUnavailableException } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
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

describe.each(platforms)('destroy on %s', (platform) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [ActionsController],
    });
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    actions.clear();
    store.isDown = false;
    client = new Client(running.url);
    await run((session) => session.set('a', 1));
    store.reset();
  });

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  async function stored(by: Client): Promise<unknown> {
    return (await run(everything, by)).json();
  }

  it('R21 removes the record and clears the cookie', async () => {
    const old = client.tab();
    const answer = await run((session) => session.set('b', 2).destroy());
    expect(answer.setCookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0; /)]);
    expect(store.calls.map(({ method }) => method)).toEqual(['read', 'read', 'destroy']);
    expect(await store.peek(store.calls[0]?.key ?? '')).toBeUndefined();
    expect(await stored(old)).toEqual({});
  });

  it('R3 refuses what would go with the session that is being destroyed, and takes what comes after', async () => {
    const answer = await run(async (session) => {
      const ends = [session.destroy(), session.logout()];
      const refusals = await Promise.all(
        [
          async () => session.set('late', 1),
          async () => session.remove('a'),
          async () => session.clear(),
          async () => (session.bag<{ late: number }>('bag').late = 1),
          async () => session.setLifetime(60),
        ].map(async (write) => (await failureOf(write())).name),
      );
      const updated = session.update<number>('counted', (n = 0) => n + 1);
      await Promise.all(ends);
      session.set('after', await updated);
      return refusals;
    });
    expect(answer.json()).toEqual(Array(5).fill('SessionContextException'));
    expect(await stored(client)).toEqual({ counted: 1, after: 1 });
  });

  it('R3 R25 takes what is written when the store did not let it be destroyed', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      store.failNext('destroy');
      store.failNext('destroy');
      const { name } = await failureOf(session.destroy());
      session.set('b', 2);
      return name;
    });
    expect(answer.json()).toBe(SessionStoreUnavailableException.name);
    expect(await stored(client)).toEqual({ a: 1, b: 2 });
  });

  it('leaves a new, started and empty session behind, which costs no store call', async () => {
    const answer = await run(async (session) => {
      await session.destroy();
      store.reset();
      const { id, key, isNew, isStarted, owner, size } = session;
      return { id, key, isNew, isStarted, owner, size, a: session.get('a', 'gone') };
    });
    expect(answer.json()).toEqual({
      id: '',
      key: '',
      isNew: true,
      isStarted: true,
      size: 0,
      a: 'gone',
    });
    expect(store.calls).toEqual([]);
  });

  it('R4 R19 the first write afterwards begins a session with a new id', async () => {
    const old = client.tab();
    const answer = await run(async (session) => {
      session.set('lost', true);
      await session.destroy();
      session.set('b', 2);
    });
    expect(answer.setCookies).toHaveLength(1);
    expect(client.cookies.get('sid')).toMatch(/^[\w-]{43}$/);
    expect(client.cookies.get('sid')).not.toBe(old.cookies.get('sid'));
    expect(await stored(client)).toEqual({ b: 2 });
    expect(await stored(old)).toEqual({});
  });

  it('a bag that was taken before shows the new session', async () => {
    await run(async (session) => {
      const bag = session.bag<{ name: string }>('user');
      bag.name = 'old';
      await session.destroy();
      expect(bag.toJSON()).toEqual({});
      bag.name = 'new';
    });
    expect(await stored(client)).toEqual({ user: { name: 'new' } });
  });

  it('R25 rejects when the store does not accept, and leaves session and cookie', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      const before = { id: session.id, key: session.key };
      store.isDown = true;
      const failure = await failureOf(session.destroy());
      store.isDown = false;
      expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
      expect({ id: session.id, key: session.key }).toEqual(before);
      return session.toJSON();
    });
    expect(answer.json()).toEqual({ a: 1 });
    expect(answer.setCookies).toEqual([]);
    expect(await stored(client)).toEqual({ a: 1 });
  });

  it('R25 an answer of 503 clears no cookie', async () => {
    captureLogs();
    const answer = await run((session) => {
      store.isDown = true;
      return session.logout();
    });
    store.isDown = false;
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(await stored(client)).toEqual({ a: 1 });
  });

  it('R13 a lost answer is a yes', async () => {
    store.loseAnswers('destroy');
    expect((await run((session) => session.destroy())).setCookies).toHaveLength(1);
    expect(await stored(client)).toEqual({});
  });

  it('R12 a slower request does not bring the session back', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      await run((other) => other.destroy(), client.tab());
      session.set('b', 2);
    });
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
    expect(await stored(client)).toEqual({});
  });

  it('R12 ends what a quicker request has made of a login under a new id', async () => {
    await run((session) => session.login('kimbra'));
    const quicker = client.tab();
    const answer = await run(async (session) => {
      await run((other) => other.regenerateId(), quicker);
      await session.logout();
    });
    expect(answer.status).toBe(200);
    expect(await stored(quicker)).toEqual({});
    expect(await stored(client)).toEqual({});
  });

  it('R12 R14 waits for a destroy() that nobody waits for', async () => {
    const removal = store.holdNext('destroy');
    let isAnswered = false;
    const answering = run((session) => void session.destroy()).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await removal.arrived;
    await stored(new Client(running.url));
    expect(isAnswered).toBe(false);
    removal.release();
    expect((await answering).setCookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0; /)]);
    expect(await stored(client)).toEqual({});
  });
});
