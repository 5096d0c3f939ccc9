import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionModule, SessionRegistry } from 'nestjs-session-bag';
import type { SessionCommonOptions } from '../../lib/interfaces/session-common-options.interface.js';
import { SocketSession } from '../../lib/gateways/socket-session.js';
import { SessionEnds } from '../../lib/store/session-ends.js';
import { NEVER } from 'rxjs';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import {
  connect,
  type GatewayClient,
  socketAdapterOf,
  socketKinds,
} from '../support/gateway-clients.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { hurryRounds } from '../support/hurry-rounds.js';
import { pollUntil } from '../support/poll.js';
import { actions, ActionsController, everything, runAs } from '../support/session-actions.js';
import {
  Counter,
  hooks,
  PlainGateway,
  SessionGateway,
  streams,
} from '../support/session-gateway.js';

const cases = platforms.map((platform, index) => ({ platform, kind: socketKinds[index] ?? 'ws' }));
const reasons = { 'socket.io': 'io server disconnect', ws: '1008 The session has ended.' };

describe.each(cases)('a socket of $kind on $platform', ({ platform, kind }) => {
  let store: CountingAdapter;
  let running: RunningApp;
  /** The same application in another process, as far as it shares nothing but the store. */
  let elsewhere: RunningApp;
  let browser: Client;
  /** Milliseconds that the clock is ahead. */
  let ahead: number;
  const opened: GatewayClient[] = [];

  beforeEach(() => {
    actions.set('everything', everything);
    actions.set('destroy', (session) => session.destroy());
    store = new CountingAdapter();
  });

  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.close();
    await Promise.all([running.close(), elsewhere.close()]);
  });

  /** Starts the applications and a session. */
  async function start(options: SessionCommonOptions = {}): Promise<void> {
    const startOne = (): Promise<RunningApp> =>
      startApp(
        platform,
        {
          imports: [SessionModule.forRoot({ ...options, adapter: store })],
          controllers: [ActionsController],
          providers: [SessionGateway, PlainGateway, Counter],
        },
        (app) => void app.useWebSocketAdapter(socketAdapterOf(kind, app)),
      );
    [running, elsewhere] = await Promise.all([startOne(), startOne()]);
    browser = new Client(running.url);
    ahead = 0;
    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    // A look that is due must not come before the renewal that it is to see.
    if (options.renewAfter === undefined) hurryRounds();
    await runAs(browser, (session) => session.login('kimbra'));
    await runAs(browser, (session) => session.set('n', 1));
    store.reset();
  }

  async function open(client = browser): Promise<GatewayClient> {
    const cookie = `sid=${client.cookies.get('sid')}`;
    const socket = await connect(kind, running.url, { cookie });
    opened.push(socket);
    return socket;
  }

  /** Until a round of looks at what is due now is done. */
  async function nextRound(): Promise<void> {
    const before = store.count('read');
    await pollUntil(() => store.count('read') > before, { within: 4000, what: 'a look' });
  }

  it('ends with a destroy in its own message, after the answer', async () => {
    await start();
    const [own, other] = [await open(), await open()];
    expect(await own.ask('do', { action: 'destroy' })).toEqual({ result: null });
    expect(await own.ended()).toBe(reasons[kind]);
    expect(await other.ended()).toBe(reasons[kind]);
  });

  it('ends at once with a destroy, a revoke, a login or a new id in this process', async () => {
    await start({ renewAfter: 86_400 });
    const registry = running.app.get(SessionRegistry);
    const ends: (() => Promise<unknown>)[] = [
      () => runAs(browser, (session) => session.destroy()),
      () => runAs(browser, ({ key }) => registry.revoke('kimbra', key)),
      () => registry.revokeAll('kimbra'),
      () => runAs(browser, (session) => session.login('kimbra')),
      () => runAs(browser, (session) => session.regenerateId()),
    ];
    const visitor = await connect(kind, running.url);
    opened.push(visitor);
    for (const end of ends) {
      await runAs(browser, (session) => session.login('kimbra'));
      const socket = await open();
      expect(await socket.ask('plain')).toEqual({ result: 'no session' });
      store.reset();
      await end();
      expect(await socket.ended()).toBe(reasons[kind]);
    }
    expect(await visitor.ask('plain')).toEqual({ result: 'no session' });
  });

  it('stays with a session that others of the same owner leave', async () => {
    await start();
    const second = new Client(running.url);
    await runAs(second, (session) => session.login('kimbra'));
    const [socket, other] = [await open(), await open(second)];
    await runAs(browser, ({ key }) =>
      running.app.get(SessionRegistry).revokeAll('kimbra', { except: key }),
    );
    await other.ended();
    expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: { n: 1 } });
  });

  it('ends after the message that finds the session ended by another process', async () => {
    await start();
    const socket = await open();
    await socket.ask('do', { action: 'everything' });
    await runAs(browser.tab(elsewhere.url), (session) => session.destroy());
    expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: {} });
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('R12 ends after the first message, whose session ends meanwhile in another process', async () => {
    captureLogs();
    await start();
    const socket = await open();
    actions.set('late', async (session) => {
      await runAs(browser.tab(elsewhere.url), (other) => other.destroy());
      session.set('late', true);
    });
    expect(await socket.ask('do', { action: 'late' })).toEqual({ exception: 'Conflict' });
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('R25 ends within 10 seconds of an end in another process, but not while the store is down', async () => {
    await start();
    const socket = await open();
    ahead += 10_000;
    await nextRound();
    expect(store.calls).toEqual([expect.objectContaining({ method: 'read', ttl: undefined })]);
    store.isDown = true;
    ahead += 10_000;
    await nextRound();
    store.isDown = false;
    await runAs(browser.tab(elsewhere.url), (session) => session.destroy());
    ahead += 10_000;
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('R22 ends when the idle lifetime is over, which looks do not extend', async () => {
    await start({ lifetime: 30 });
    const socket = await open();
    for (const seconds of [10, 10]) {
      ahead += seconds * 1000;
      await nextRound();
      expect(socket.closedBy).toBeUndefined();
    }
    ahead += 10_000;
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('R22 ends when the absolute lifetime is over, however much is said', async () => {
    await start({ lifetime: 20, absoluteLifetime: 30 });
    const socket = await open();
    for (const seconds of [14, 14]) {
      ahead += seconds * 1000;
      expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: { n: 1 } });
    }
    ahead += 2000;
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('is not watched when its cookie opens nothing', async () => {
    await start();
    const stranger = new Client(running.url, [['sid', 'A'.repeat(43)]]);
    const socket = await open(stranger);
    await open();
    for (const looks of [2, 1]) {
      store.reset();
      ahead += 10_000;
      await pollUntil(() => store.count('read') === looks, { within: 4000, what: 'the looks' });
    }
    expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: {} });
    expect(socket.closedBy).toBeUndefined();
  });

  it.each(['here', 'in another process'])('follows an id that is renewed %s', async (where) => {
    await start({ renewAfter: 60 });
    const socket = await open();
    ahead += 61_000;
    const tab = where === 'here' ? browser : browser.tab(elsewhere.url);
    const old = browser.cookies.get('sid');
    await runAs(tab, everything);
    expect(tab.cookies.get('sid')).not.toBe(old);
    if (where === 'here') ahead += 25_000;
    await nextRound();
    // By now the old id leads nowhere.
    ahead += 31_000;
    expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: { n: 1 } });
    await runAs(tab.tab(running.url), (session) => session.destroy());
    expect(await socket.ended()).toBe(reasons[kind]);
  });

  it('is not watched after its end, whatever its last hook finds', async () => {
    await start({ renewAfter: 60 });
    const socket = await open();
    ahead += 61_000;
    await runAs(browser, everything);
    const watch = jest.spyOn(running.app.get(SessionEnds), 'watch');
    const onFinished = jest.spyOn(SocketSession.prototype, 'onFinished');
    hooks.disconnect = (context) => context.start();
    try {
      socket.close();
      const isOver = (): boolean => onFinished.mock.calls.some(([{ found }]) => found);
      await pollUntil(isOver, { within: 2000, what: 'the hook' });
    } finally {
      delete hooks.disconnect;
      onFinished.mockRestore();
    }
    expect(watch).not.toHaveBeenCalled();
  });

  it('does not wait for ever for the answer to the message that ended the session', async () => {
    await start();
    const socket = await open();
    streams.set('no end', (session) => {
      void session.destroy();
      return NEVER;
    });
    socket.send('stream', { id: 0, action: 'no end' });
    await pollUntil(() => store.count('destroy') > 0, { within: 2000, what: 'the end' });
    ahead += 10_000;
    expect(await socket.ended()).toBe(reasons[kind]);
  });
});
