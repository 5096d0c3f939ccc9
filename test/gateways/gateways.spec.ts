import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionContext, SessionModule, type SessionService } from 'nestjs-session-bag';
import { EMPTY, Subject, tap } from 'rxjs';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import {
  connect,
  type GatewayClient,
  socketAdapterOf,
  socketKinds,
} from '../support/gateway-clients.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';
import {
  Counter,
  hooks,
  PlainGateway,
  SessionGateway,
  streams,
} from '../support/session-gateway.js';

const cases = platforms.flatMap((platform) => socketKinds.map((kind) => ({ platform, kind })));

describe.each(cases)('a gateway of $kind on $platform', ({ platform, kind }) => {
  const store = new CountingAdapter();
  let running: RunningApp;
  let browser: Client;
  let socket: GatewayClient;

  beforeAll(async () => {
    running = await startApp(
      platform,
      {
        imports: [SessionModule.forRoot({ adapter: store })],
        controllers: [ActionsController],
        providers: [SessionGateway, PlainGateway, Counter],
      },
      (app) => void app.useWebSocketAdapter(socketAdapterOf(kind, app)),
    );
  });

  afterAll(() => running.close());

  beforeEach(async () => {
    browser = new Client(running.url);
    await runAs(browser, (session) => session.bag('user').set('name', 'Kimbra'));
    socket = await connectAs(browser);
    store.reset();
  });

  afterEach(() => {
    socket.close();
    store.isDown = false;
    delete hooks.connect;
    delete hooks.disconnect;
  });

  function connectAs({ cookies }: Client): Promise<GatewayClient> {
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
    return connect(kind, running.url, cookie === '' ? {} : { cookie });
  }

  /** Runs an action in a message. */
  function ask(action: SessionAction, event = 'do', client = socket): Promise<unknown> {
    const name = `action-${actions.size}`;
    actions.set(name, action);
    return client.ask(event, { action: name });
  }

  async function stored(): Promise<unknown> {
    return (await runAs(browser, everything)).json();
  }

  it('R1 makes no store call for messages that use no session', async () => {
    expect(await socket.ask('plain')).toEqual({ result: 'no session' });
    expect(store.calls).toEqual([]);
  });

  it('hands bags to handlers, read anew for each message, and stores what they change', async () => {
    expect(await socket.ask('name')).toEqual({ result: ['Kimbra', 1, 'object'] });
    await runAs(browser, (session) => session.bag('user').set('name', 'Lorde'));
    expect(await socket.ask('name')).toEqual({ result: ['Lorde', 2, 'object'] });
    expect(await stored()).toEqual({ user: { name: 'Lorde', turns: 2 } });
    expect(store.count('create')).toBe(0);
  });

  it('R2 starts the session for @Persistent in what a gateway injects', async () => {
    expect(await socket.ask('count')).toEqual({ result: 1 });
    expect(await socket.ask('count')).toEqual({ result: 2 });
    const answer = await runAs(browser, (session) => session.persistent(Counter).toJSON());
    expect(answer.json()).toEqual({ count: 2 });
  });

  it('R22 a message that reads extends the life of the session', async () => {
    await ask((session) => session.get('user'));
    expect(store.calls).toEqual([expect.objectContaining({ method: 'read', ttl: 3600 })]);
  });

  it('has the session in guards and interceptors', async () => {
    const forbidden = { exception: 'Forbidden resource' };
    expect(await socket.ask('guarded')).toEqual(forbidden);
    expect(await socket.ask('recent')).toEqual(forbidden);
    await runAs(browser, (session) => session.login('kimbra'));
    const loggedIn = await connectAs(browser);
    expect(await loggedIn.ask('guarded')).toEqual({ result: ['kimbra', ['user']] });
    expect(await loggedIn.ask('recent')).toEqual({ result: 'recent' });
    loggedIn.close();
  });

  it('R14 acknowledges when the store has accepted, not before', async () => {
    const held = store.holdNext('update');
    const answer = ask((session) => session.set('saved', true).size);
    await held.arrived;
    expect(await socket.ask('plain')).toEqual({ result: 'no session' });
    expect(socket.answers).toHaveLength(1);
    held.release();
    expect(await answer).toEqual({ result: 2 });
    expect(await stored()).toMatchObject({ saved: true });
  });

  it('R15 gives an error in place of the acknowledgement when the store fails', async () => {
    const logs = captureLogs();
    store.failNext('update', 3);
    const refused = await ask((session) => session.set('secret', 'word').size);
    expect(refused).toEqual({ exception: 'Service Unavailable' });
    expect(socket.exceptions[0]).toMatchObject({ status: 'error', cause: { pattern: 'do' } });
    expect(socket.answers).toEqual([]);
    expect(ownLogs(logs)).toHaveLength(1);
    expect(ownLogs(logs)[0]?.text).not.toMatch(/word|sess:|10\.11/);
    expect(await stored()).not.toHaveProperty('secret');
    expect(await ask((session) => session.set('later', 1).size)).toEqual({ result: 2 });
  });

  it('says what cannot be stored at all', async () => {
    captureLogs();
    const refused = await ask((session) => {
      session.get<{ turns: unknown }>('user', { turns: 0 }).turns = () => 0;
    });
    expect(refused).toEqual({ exception: 'Internal server error' });
  });

  it('R23 does not mistake a store that is down for a session that has ended', async () => {
    captureLogs();
    await ask(everything);
    store.isDown = true;
    expect(await ask(everything)).toEqual({ exception: 'Internal server error' });
    store.isDown = false;
    expect(await ask(everything)).toEqual({ result: { user: { name: 'Kimbra' } } });
    expect(socket.closedBy).toBeUndefined();
  });

  it('R17 a handler that throws still stores what it changed', async () => {
    expect(await ask((session) => session.set('tried', true), 'fail')).toEqual({
      exception: 'on purpose',
    });
    await pollUntil(async () => 'tried' in Object(await stored()), {
      within: 2000,
      what: 'the commit',
    });
  });

  it('R3 lets nothing be written after the answer', async () => {
    const kept: SessionService[] = [];
    await ask((session) => void kept.push(session));
    expect(() => kept[0]?.set('late', 1)).toThrow('would be lost');
    expect(await stored()).not.toHaveProperty('late');
  });

  it('R11 gives parallel messages an exchange each, and loses none of their changes', async () => {
    const both = Promise.all([
      ask(async (session) => {
        session.set('first', 1);
        await pollUntil(() => store.count('update') > 0, { within: 3000, what: 'the other' });
        return session.has('second');
      }),
      ask((session) => session.set('second', 2).has('first')),
    ]);
    expect(await both).toEqual([{ result: false }, { result: false }]);
    const increments = Array.from({ length: 20 }, () =>
      ask((session) => session.update<number>('count', (count = 0) => count + 1)),
    );
    await Promise.all(increments);
    expect(await stored()).toMatchObject({ first: 1, second: 2, count: 20 });
  });

  it('R16 begins no session and no new id over a socket, and says why, without a store call', async () => {
    const visitor = await connect(kind, running.url);
    const messages: string[] = [];
    const attempt = (work: (session: SessionService) => unknown): SessionAction => {
      return async (session) => {
        const failure = await failureOf(Promise.resolve(session).then(work));
        messages.push(`${failure.name}: ${failure.message}`);
        return session.size;
      };
    };
    expect(
      await ask(
        attempt((session) => session.set('n', 1)),
        'do',
        visitor,
      ),
    ).toEqual({
      result: 0,
    });
    await ask(
      attempt((session) => session.login('kimbra')),
      'do',
      visitor,
    );
    await ask(
      attempt((session) => session.update('n', () => 1)),
      'do',
      visitor,
    );
    expect(store.calls).toEqual([]);
    await ask(attempt((session) => session.regenerateId()));
    await ask(attempt((session) => session.login('kimbra')));
    expect(store.calls.map(({ method }) => method)).toEqual(['read', 'read']);
    expect(messages).toHaveLength(5);
    for (const message of messages) {
      expect(message).toMatch(/^SessionHeadersSentException: .* its handshake is over\. Do it in/);
    }
    expect(visitor.closedBy).toBeUndefined();
    visitor.close();
  });

  it('R19 takes two different cookies for none, and an unknown one for a visitor', async () => {
    captureLogs();
    const ids = [browser.cookies.get('sid'), 'A'.repeat(43)];
    const tossed = await connect(kind, running.url, { cookie: `sid=${ids[0]}; sid=${ids[1]}` });
    expect(await ask(everything, 'do', tossed)).toEqual({ result: {} });
    const unknown = await connect(kind, running.url, { cookie: `sid=${ids[1]}` });
    for (let message = 0; message < 2; message++) {
      expect(await ask(everything, 'do', unknown)).toEqual({ result: {} });
    }
    expect([tossed.closedBy, unknown.closedBy]).toEqual([undefined, undefined]);
    tossed.close();
    unknown.close();
  });

  it('stores what each value of an Observable comes with before the value is sent', async () => {
    const steps = new Subject<number>();
    streams.set('steps', (session) => steps.pipe(tap((step) => session.set('step', step))));
    const answer = socket.ask('stream', { action: 'steps' });
    await pollUntil(() => steps.observed, { within: 2000, what: 'the stream' });
    const held = store.holdNext('update');
    steps.next(1);
    await held.arrived;
    expect(await socket.ask('plain')).toEqual({ result: 'no session' });
    expect(socket.answers).toHaveLength(1);
    held.release();
    expect(await answer).toEqual({ result: 1 });
    steps.next(2);
    await pollUntil(() => socket.answers.length === 3, { within: 2000, what: 'the second value' });
    expect(await stored()).toMatchObject({ step: 2 });
    const logs = captureLogs();
    store.failNext('update', 3);
    steps.next(3);
    await pollUntil(() => socket.exceptions.length === 1, { within: 2000, what: 'the error' });
    await pollUntil(() => ownLogs(logs).length === 1, { within: 2000, what: 'the log' });
    steps.next(4);
    expect(await socket.ask('plain')).toEqual({ result: 'no session' });
    expect(socket.answers.map(({ result }) => result)).toEqual(['no session', 1, 2, 'no session']);
    expect(await stored()).toMatchObject({ step: 2 });
  });

  it('R17 a client that goes does not lose what its stream has changed', async () => {
    const steps = new Subject<number>();
    const sessions: SessionService[] = [];
    streams.set('until gone', (session) => {
      sessions.push(session);
      return steps;
    });
    socket.send('stream', { id: 0, action: 'until gone' });
    const [session] = await pollUntil(() => steps.observed && sessions, {
      within: 2000,
      what: 'the stream',
    });
    session?.set('until', 'gone');
    socket.close();
    await pollUntil(async () => 'until' in Object(await stored()), {
      within: 2000,
      what: 'the commit',
    });
    expect(steps.observed).toBe(false);
  });

  it('an Observable without values stores what its handler changed', async () => {
    streams.set('empty', (session) => {
      session.set('empty', true);
      return EMPTY;
    });
    socket.send('stream', { id: 0, action: 'empty' });
    await pollUntil(async () => 'empty' in Object(await stored()), {
      within: 2000,
      what: 'the commit',
    });
  });

  it('has the session in handleConnection and handleDisconnect, and stores what they change', async () => {
    hooks.connect = async (context) => {
      const session = await context.start();
      session.set('connected', session.bag('user').get('name'));
    };
    hooks.disconnect = async (context) => {
      (await context.start()).set('gone', true);
    };
    const second = await connectAs(browser);
    await pollUntil(async () => 'connected' in Object(await stored()), {
      within: 2000,
      what: 'the connection',
    });
    second.close();
    await pollUntil(async () => 'gone' in Object(await stored()), {
      within: 2000,
      what: 'the end',
    });
    expect(await stored()).toMatchObject({ connected: 'Kimbra', gone: true });
  });

  it('SessionContext.run() commits before it resolves, and rejects when that fails', async () => {
    captureLogs();
    const context = running.app.get(SessionContext);
    const handshake = {
      headers: { cookie: `sid=${browser.cookies.get('sid')}` },
      socket: {},
    };
    const name = await context.run(handshake, async () => {
      const session = await context.start();
      session.set('ran', true);
      return session.bag('user').get('name');
    });
    expect(name).toBe('Kimbra');
    expect(await stored()).toMatchObject({ ran: true });
    store.failNext('update', 3);
    const failing = context.run(handshake, async () => (await context.start()).set('ran', false));
    expect((await failureOf(failing)).name).toBe('SessionStoreUnavailableException');
    const throwing = context.run(handshake, async () => {
      (await context.start()).set('thrown', true);
      throw new Error('on purpose');
    });
    expect((await failureOf(throwing)).message).toBe('on purpose');
    expect(await stored()).toMatchObject({ ran: true, thrown: true });
    expect(context.active).toBe(false);
  });

  if (kind === 'socket.io') {
    it('R14 an acknowledgement that the handler gives by hand waits, too', async () => {
      const held = store.holdNext('update');
      const answer = ask((session) => session.set('by', 'hand').size, 'by hand');
      await held.arrived;
      expect(await socket.ask('plain')).toEqual({ result: 'no session' });
      expect(socket.answers).toHaveLength(1);
      held.release();
      expect(await answer).toEqual({ result: 2 });
      captureLogs();
      store.failNext('update', 3);
      expect(await ask((session) => session.set('by', 'foot').size, 'by hand')).toEqual({
        exception: 'Service Unavailable',
      });
      expect(await stored()).toMatchObject({ by: 'hand' });
      expect(socket.exceptions).toHaveLength(1);
    });
  }
});
