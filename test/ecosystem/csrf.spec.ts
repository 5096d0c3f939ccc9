import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
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

interface BoundRequest extends IncomingMessage {
  readonly session: RequestSession<{ csrf: string }>;
  token(): string;
}

/** As packages do that bind their token to what names the session, and keep it in no session. */
function boundTokens(nameOf: (request: BoundRequest) => string) {
  return (
    request: BoundRequest,
    response: { statusCode: number; end(): void },
    next: () => void,
  ) => {
    request.token = () => createHmac('sha256', 'secret').update(nameOf(request)).digest('hex');
    if (request.method === 'GET' || request.headers['x-csrf-token'] === request.token()) next();
    else Object.assign(response, { statusCode: 403 }).end();
  };
}

@Controller()
class BoundController {
  @Get('form')
  form(@Session() session: RequestSession<{ seen: boolean }>, @Req() request: IncomingMessage) {
    session.seen = true;
    return { token: (middlewareRequest(request) as unknown as BoundRequest).token() };
  }

  @Post('transfer')
  transfer() {
    return {};
  }
}

describe.each(platforms)('a CSRF token that is bound to the session on %s', (platform) => {
  const statusOfFirstPost = async (nameOf: (request: BoundRequest) => string): Promise<number> => {
    const imports = [SessionModule.forRoot({ autoStart: true })];
    const running = await startApp(platform, { imports, controllers: [BoundController] }, (app) => {
      app.use(boundTokens(nameOf));
    });
    const client = new Client(running.url);
    const { token } = (await client.get('/form')).json() as { token: string };
    const { status } = await client.send('POST', '/transfer', {
      headers: { 'x-csrf-token': token },
    });
    await running.close();
    return status;
  };

  it('fits the session that begins with its page, where it is bound to a variable', async () => {
    expect(await statusOfFirstPost(({ session }) => (session.csrf ??= randomUUID()))).toBe(201);
  });

  it('does not where it is bound to the id, which there is none yet', async () => {
    expect(await statusOfFirstPost(({ session }) => session.id)).toBe(403);
  });
});
