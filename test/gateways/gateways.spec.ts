import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import {
  connect,
  type GatewayClient,
  socketAdapterOf,
  socketKinds,
} from '../support/gateway-clients.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { actions, ActionsController, everything, runAs } from '../support/session-actions.js';
import { Counter, hooks, PlainGateway, SessionGateway } from '../support/session-gateway.js';

const cases = platforms.flatMap((platform) => socketKinds.map((kind) => ({ platform, kind })));

actions.set('everything', everything);
actions.set('write', (session) => session.set('written', true).size);
actions.set('destroy', (session) => session.destroy());

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
    socket = await connect(kind, running.url, { cookie: `sid=${browser.cookies.get('sid')}` });
    store.reset();
  });

  afterEach(() => {
    socket.close();
    delete hooks.connect;
    delete hooks.disconnect;
  });

  it('R1 makes no store call for messages that use no session', async () => {
    expect(await socket.ask('plain')).toEqual({ result: 'no session' });
    expect(store.calls).toEqual([]);
  });

  it('hands bags to handlers and commits what they change, read anew for each message', async () => {
    expect(await socket.ask('name')).toEqual({ result: ['Kimbra', 1, 'object'] });
    await runAs(browser, (session) => session.bag('user').set('name', 'Lorde'));
    expect(await socket.ask('name')).toEqual({ result: ['Lorde', 2, 'object'] });
    expect(store.count('create')).toBe(0);
  });

  it('R2 has the session for @Persistent in what a gateway injects', async () => {
    expect(await socket.ask('count')).toEqual({ result: 1 });
    expect(await socket.ask('count')).toEqual({ result: 2 });
    const answer = await runAs(browser, (session) => session.persistent(Counter).toJSON());
    expect(answer.json()).toEqual({ count: 2 });
  });

  it('destroy disconnects the socket after its answer', async () => {
    expect(await socket.ask('do', { action: 'destroy' })).toEqual({ result: null });
    await socket.ended();
  });

  it('a destroy by another request disconnects the socket', async () => {
    await runAs(browser, (session) => session.destroy());
    await socket.ended();
  });
});
