import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { captureLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter, type StoreMethod } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';

const regenerate: SessionAction = (session) => session.regenerateId();

describe.each(platforms)('regenerateId on %s', (platform) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  /** Stands for another process: within one, commits on a session wait for each other. */
  let other: RunningApp;
  let client: Client;

  beforeAll(async () => {
    const start = (): Promise<RunningApp> =>
      startApp(platform, {
        imports: [SessionModule.forRoot({ adapter: store })],
        controllers: [ActionsController],
      });
    [running, other] = await Promise.all([start(), start()]);
  });

  afterAll(() => Promise.all([running.close(), other.close()]));

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

  function methods(): StoreMethod[] {
    return store.calls.map(({ method }) => method);
  }

  /** What the store still holds of the keys it was asked for. */
  async function living(): Promise<string[]> {
    const keys = [...new Set(store.calls.map(({ key }) => key))];
    const records = await Promise.all(keys.map((key) => store.peek(key)));
    return keys.filter((_, index) => records[index] !== undefined);
  }

  it('R20 creates the new record, empties the old one, and then deletes it', async () => {
    const old = client.tab();
    const emptied = store.holdNext('destroy');
    const answering = run((session) => session.set('b', 2).regenerateId());
    await emptied.arrived;
    const [read, create, mark, destroy] = store.calls;
    expect(methods()).toEqual(['read', 'create', 'update', 'destroy']);
    expect(create?.key).not.toBe(read?.key);
    expect([mark?.key, destroy?.key]).toEqual([read?.key, read?.key]);
    expect((await store.peek(read?.key ?? ''))?.data).not.toMatch(/"variables"|"a":/);
    expect(await stored(old)).toEqual({});
    emptied.release();
    expect((await answering).setCookies).toHaveLength(1);
    expect(await stored(client)).toEqual({ a: 1, b: 2 });
    expect(await stored(old)).toEqual({});
    expect(await living()).toEqual([create?.key]);
  });

  it('R20 keeps creation time, owner and a lifetime of its own', async () => {
    const facts: SessionAction = ({ createdAt, owner, loggedInAt, expiresAt }) => ({
      createdAt,
      owner,
      loggedInAt,
      lives: Math.round((Number(expiresAt) - Date.now()) / 1000),
    });
    await run((session) => session.setLifetime(5000).login('kim'));
    const before = (await run(facts)).json();
    const id = client.cookies.get('sid');
    await run(regenerate);
    expect(client.cookies.get('sid')).not.toBe(id);
    expect((await run(facts)).json()).toEqual(before);
    expect(before).toMatchObject({ owner: 'kim', lives: 5000 });
  });

  it('R20 what the request changes afterwards is stored under the new id', async () => {
    await run(async (session) => {
      await session.regenerateId();
      session.set('b', 2);
    });
    expect(await stored(client)).toEqual({ a: 1, b: 2 });
  });

  it('R20 brings over what a parallel request changes meanwhile', async () => {
    const old = client.tab(other.url);
    const marking = store.holdNext('update');
    const answering = run((session) => session.set('b', 2).regenerateId());
    await marking.arrived;
    const change: SessionAction = (session) => session.set('c', 3).set('b', 0).remove('a');
    expect((await run(change, old)).status).toBe(200);
    marking.release();
    expect((await answering).status).toBe(200);
    expect(await stored(client)).toEqual({ b: 2, c: 3 });
    expect(await stored(old)).toEqual({});
    expect(await living()).toHaveLength(1);
  });

  it('R20 R12 answers 409 when the session is destroyed meanwhile, and leaves nothing', async () => {
    captureLogs();
    const old = client.tab(other.url);
    const marking = store.holdNext('update');
    const answering = run(regenerate);
    await marking.arrived;
    await run((session) => session.destroy(), old);
    marking.release();
    const answer = await answering;
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
    expect(await living()).toEqual([]);
  });

  it.each(['one process', 'two processes'])(
    'R20 R12 of two at once in %s one wins',
    async (where) => {
      captureLogs();
      const one = client.tab();
      const two = client.tab(where === 'one process' ? running.url : other.url);
      const started: (() => void)[] = [];
      const together: SessionAction = async (session) => {
        await new Promise<void>((resolve) => {
          started.push(resolve);
          if (started.length === 2) for (const go of started) go();
        });
        await session.regenerateId();
      };
      const answers = await Promise.all([run(together, one), run(together, two)]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect(answers.flatMap(({ setCookies }) => setCookies)).toHaveLength(1);
      expect(await living()).toHaveLength(1);
      expect(await stored(answers[0]?.status === 200 ? one : two)).toEqual({ a: 1 });
    },
  );

  it('R12 a slower request with the old id stores nothing and gets no cookie', async () => {
    captureLogs();
    const answer = await run(async (session) => {
      await run(regenerate, client.tab());
      session.set('b', 2);
    });
    expect(answer.status).toBe(409);
    expect(answer.setCookies).toEqual([]);
  });

  it('R20 deleteOld: false leaves the old id open', async () => {
    const old = client.tab();
    await run((session) => session.set('b', 2).regenerateId(false));
    expect(client.cookies.get('sid')).not.toBe(old.cookies.get('sid'));
    expect(await stored(client)).toEqual({ a: 1, b: 2 });
    expect(await stored(old)).toEqual({ a: 1 });
  });

  it('R20 R4 a session that was never stored costs no store call', async () => {
    const newcomer = new Client(running.url);
    const answer = await run(regenerate, newcomer);
    expect(answer.setCookies).toEqual([]);
    expect(store.calls).toEqual([]);
  });

  it.each<StoreMethod>(['create', 'update'])(
    'R20 R25 the old id stays valid when the store fails to %s',
    async (method) => {
      captureLogs();
      const id = client.cookies.get('sid');
      store.failNext(method, 3);
      const answer = await run(regenerate);
      expect(answer.status).toBe(503);
      expect(answer.setCookies).toEqual([]);
      expect(await living()).toHaveLength(1);
      expect(client.cookies.get('sid')).toBe(id);
      expect(await stored(client)).toEqual({ a: 1 });
    },
  );

  it('R20 the old id opens nothing even when the store fails to delete it', async () => {
    const old = client.tab();
    store.failNext('destroy', 2);
    expect((await run(regenerate)).setCookies).toHaveLength(1);
    expect(await stored(client)).toEqual({ a: 1 });
    expect(await stored(old)).toEqual({});
    const refused = await run((session) => session.set('mine', true), old);
    expect(refused.status).toBe(200);
    expect(old.cookies.get('sid')).not.toBe(client.cookies.get('sid'));
    expect(await stored(old)).toEqual({ mine: true });
  });

  it.each<StoreMethod>(['create', 'update', 'destroy'])(
    'R13 R20 a lost answer to %s changes nothing',
    async (method) => {
      const old = client.tab();
      store.loseAnswers(method);
      expect((await run((session) => session.set('b', 2).regenerateId())).status).toBe(200);
      expect(await stored(client)).toEqual({ a: 1, b: 2 });
      expect(await stored(old)).toEqual({});
    },
  );

  it.each<StoreMethod>(['create', 'update'])(
    'R20 R25 a store that fails from %s on takes nothing',
    async (method) => {
      captureLogs();
      const old = client.tab();
      store.planNext(method, () => {
        store.isDown = true;
        return Promise.reject(store.fault);
      });
      const answer = await run((session) => session.set('b', 2).regenerateId());
      expect(answer.status).toBe(503);
      expect(answer.setCookies).toEqual([]);
      store.isDown = false;
      expect(await stored(old)).toEqual({ a: 1 });
    },
  );
});
