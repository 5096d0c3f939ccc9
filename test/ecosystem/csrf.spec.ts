import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { Controller, Get, Post, Req, Session } from '@nestjs/common';
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { type RequestSession, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

const { csrfSynchronisedProtection, generateToken, revokeToken } = csrfSync();

/** The request that middleware gets: on Fastify it is the raw one. */
function middlewareRequest(request: IncomingMessage & { raw?: IncomingMessage }): Request {
  return (request.raw ?? request) as Request;
}

@Controller()
class TransferController {
  @Get('token')
  token(@Req() request: IncomingMessage) {
    return { token: generateToken(middlewareRequest(request)) };
  }

  @Post('transfer')
  transfer(@Session() session: RequestSession<{ transfers: number }>) {
    session.transfers = (session.transfers ?? 0) + 1;
    return { transfers: session.transfers };
  }

  @Post('revoke')
  revoke(@Req() request: IncomingMessage) {
    revokeToken(middlewareRequest(request));
    return {};
  }

  @Post('login')
  async login(@Session() session: RequestSession) {
    await session.regenerate();
    return {};
  }
}

describe.each(platforms)('csrf-sync, whose token is in the session, on %s', (platform) => {
  let running: RunningApp;
  let store: CountingAdapter;
  let client: Client;

  beforeEach(async () => {
    store = new CountingAdapter();
    const imports = [SessionModule.forRoot({ adapter: store, autoStart: true })];
    running = await startApp(platform, { imports, controllers: [TransferController] }, (app) => {
      app.use(csrfSynchronisedProtection);
    });
    client = new Client(running.url);
  });
  afterEach(() => running.close());

  const tokenOf = async (visitor: Client): Promise<string> => {
    const { token } = (await visitor.get('/token')).json() as { token: string };
    expect(token).toMatch(/^[0-9a-f]{256}$/);
    return token;
  };
  const post = (path: string, token?: string, visitor = client) =>
    visitor.send('POST', path, { headers: token === undefined ? {} : { 'x-csrf-token': token } });

  it('lets a request with the token through, again and again', async () => {
    const token = await tokenOf(client);
    expect((await post('/transfer', token)).json()).toEqual({ transfers: 1 });
    expect((await post('/transfer', token)).json()).toEqual({ transfers: 2 });
    expect(await tokenOf(client)).toBe(token);
  });

  it('refuses one without, with a wrong one and with that of another session', async () => {
    const token = await tokenOf(client);
    const other = await tokenOf(new Client(running.url));
    const answers = await Promise.all([
      post('/transfer'),
      post('/transfer', 'wrong'),
      post('/transfer', other),
      post('/transfer', token, new Client(running.url)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect((await post('/transfer', token)).json()).toEqual({ transfers: 1 });
  });

  it('refuses a token that was revoked, or that of before a new id', async () => {
    const revoked = await tokenOf(client);
    expect((await post('/revoke', revoked)).status).toBe(201);
    expect((await post('/transfer', revoked)).status).toBe(403);
    const old = await tokenOf(client);
    expect(old).not.toBe(revoked);
    expect((await post('/login', old)).status).toBe(201);
    expect((await post('/transfer', old)).status).toBe(403);
  });

  it('costs a visitor who is refused no store call and no cookie', async () => {
    const answer = await post('/transfer');
    expect([answer.status, answer.setCookies, store.count()]).toEqual([403, [], 0]);
  });
});
