import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { connect, type GatewayClient, socketAdapterOf } from '../support/gateway-clients.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { actions, ActionsController, everything, runAs } from '../support/session-actions.js';
import { Counter, hooks, PlainGateway, SessionGateway } from '../support/session-gateway.js';

/** What the application says when it fails: a stand-in for a text that must not leak. */
const SECRET = 'kimbra@example.com';

describe.each(platforms)('a socket of socket.io that fails, on %s', (platform) => {
  let running: RunningApp;
  let browser: Client;
  const sockets: GatewayClient[] = [];

  beforeEach(async () => {
    running = await startApp(
      platform,
      {
        imports: [SessionModule.forRoot()],
        controllers: [ActionsController],
        providers: [SessionGateway, PlainGateway, Counter],
      },
      (app) => void app.useWebSocketAdapter(socketAdapterOf('socket.io', app)),
    );
    browser = new Client(running.url);
    await runAs(browser, (session) => session.set('n', 1));
  });

  afterEach(async () => {
    delete hooks.connect;
    for (const socket of sockets.splice(0)) socket.close();
    await running.close();
  });

  async function open(): Promise<GatewayClient> {
    const cookie = `sid=${browser.cookies.get('sid')}`;
    const socket = await connect('socket.io', running.url, { cookie });
    sockets.push(socket);
    return socket;
  }

  it('at an acknowledgement is told of in the log, and answers the next message', async () => {
    const logs = captureLogs();
    const socket = await open();
    actions.set('endless', (session) => {
      session.set('n', 2);
      const endless: Record<string, unknown> = {};
      endless['self'] = endless;
      return endless;
    });
    socket.send('by hand', { id: 0, action: 'endless' });
    await pollUntil(() => ownLogs(logs).length > 0, { within: 4000, what: 'the line' });
    expect(ownLogs(logs).map(({ text }) => text)).toEqual([
      expect.stringContaining('sending it failed. Cause: RangeError.'),
    ]);
    actions.set('everything', everything);
    expect(await socket.ask('do', { action: 'everything' })).toEqual({ result: { n: 2 } });
  });

  it('R12 at its end does not spoil the logout, nor the end of other sockets', async () => {
    const logs = captureLogs();
    let connected = 0;
    hooks.connect = (_, client) => {
      connected++;
      (client as EventEmitter).once('disconnect', () => {
        throw new TypeError(SECRET);
      });
    };
    await open();
    delete hooks.connect;
    await pollUntil(() => connected === 1, { within: 4000, what: 'the hook' });
    const other = await open();
    const answer = await runAs(browser, (session) => session.logout());
    expect(answer.status).toBeLessThan(300);
    expect(await other.ended()).toBe('io server disconnect');
    const lines = ownLogs(logs).map(({ text }) => text);
    expect(lines).toEqual(['The socket of an ended session was not closed. Cause: TypeError.']);
  });
});
