import { createServer } from 'node:http2';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  InvalidSessionOptionsException,
  type SessionCookieOptions,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, startApp } from '../support/http-apps.js';
import { headersOf, rawRequest } from '../support/raw-exchange.js';
import {
  createKeyPair,
  type KeyPair,
  secureSetCookies,
  type SecuredApp,
  startAppBehindProxy,
  startHttpsApp,
} from '../support/secured-apps.js';

@Controller()
class CountController {
  constructor(private readonly session: SessionService) {}

  @Get()
  async count(): Promise<number | undefined> {
    return this.session.update<number>('count', (count = 0) => count + 1);
  }
}

function moduleWith(cookie: SessionCookieOptions = {}): Type {
  @Module({ imports: [SessionModule.forRoot({ cookie })], controllers: [CountController] })
  class AppModule {}
  return AppModule;
}

const ID = '[\\w-]{43}';
const FORWARDED = 'X-Forwarded-Proto: https';

describe.each(platforms)('the cookie over https on %s', (platform) => {
  let pair: KeyPair;

  beforeAll(async () => {
    pair = await createKeyPair();
  });

  async function over<T>(
    starting: Promise<SecuredApp>,
    use: (port: number) => Promise<T>,
  ): Promise<T> {
    const app = await starting;
    try {
      return await use(app.port);
    } finally {
      await app.close();
    }
  }

  it.each<[string, SessionCookieOptions, string]>([
    ['__Host-sid', {}, '; Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['__Secure-sid', { path: '/a' }, '; Path=/a; HttpOnly; Secure; SameSite=Lax'],
    ['__Secure-sid', { domain: 'a.b' }, '; Path=/; Domain=a.b; HttpOnly; Secure; SameSite=Lax'],
    ['sid', { prefix: false }, '; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ])('R21 is named %s with %o', async (name, cookie, attributes) => {
    const app = startHttpsApp(platform, moduleWith(cookie), pair);
    const [cookieLine, ...others] = await over(app, (port) => secureSetCookies(port, '/'));
    expect(cookieLine).toMatch(new RegExp(`^${name}=${ID}${attributes}$`));
    expect(others).toEqual([]);
  });

  it('R21 is read under that name and under no other', async () => {
    await over(startHttpsApp(platform, moduleWith(), pair), async (port) => {
      const [line = ''] = await secureSetCookies(port, '/');
      const id = line.slice('__Host-sid='.length, line.indexOf(';'));
      const send = (cookie: string): Promise<string[]> => secureSetCookies(port, '/', { cookie });
      expect(await send(`__Host-sid=${id}`)).toEqual([]);
      expect(await send(`__Host-sid=${id}; sid=${'A'.repeat(43)}`)).toEqual([]);
      expect(await send(`sid=${id}`)).toHaveLength(1);
      expect(await send(`__Secure-sid=${id}`)).toHaveLength(1);
    });
  });

  it('R21 does not believe that it came over http', async () => {
    captureLogs();
    await over(startHttpsApp(platform, moduleWith(), pair), async (port) => {
      const [line] = await secureSetCookies(port, '/', { 'X-Forwarded-Proto': 'http' });
      expect(line).toMatch(/^__Host-sid=/);
    });
  });

  it('R21 follows X-Forwarded-Proto of a trusted proxy', async () => {
    const logs = captureLogs();
    await over(startAppBehindProxy(platform, moduleWith()), async (port) => {
      const secure = await rawRequest(port, 'GET /', [FORWARDED]);
      const [line = ''] = headersOf(secure, 'Set-Cookie');
      expect(line).toMatch(
        new RegExp(`^__Host-sid=${ID}; Path=/; HttpOnly; Secure; SameSite=Lax$`),
      );
      const pairSent = line.slice(0, line.indexOf(';'));
      const again = await rawRequest(port, 'GET /', [FORWARDED, `Cookie: ${pairSent}`]);
      expect(headersOf(again, 'Set-Cookie')).toEqual([]);
      const plain = await rawRequest(port, 'GET /', [`Cookie: ${pairSent}`]);
      expect(headersOf(plain, 'Set-Cookie').join()).toMatch(/^sid=/);
    });
    expect(ownLogs(logs)).toEqual([]);
  });

  it('R21 does not follow it where no proxy is trusted, and says so once', async () => {
    const logs = captureLogs();
    const running = await startApp(platform, moduleWith());
    for (let visit = 0; visit < 3; visit++) {
      const answer = await rawRequest(running.port, 'GET /', [FORWARDED]);
      expect(headersOf(answer, 'Set-Cookie').join()).toMatch(/^sid=[^]*HttpOnly; SameSite=Lax$/);
    }
    await running.close();
    const [warning, ...others] = ownLogs(logs);
    expect(warning?.text).toMatch(/trust proxy[^]*trustProxy/);
    expect(others).toEqual([]);
  });

  it.each([
    [true, '__Host-sid'],
    [false, 'sid'],
  ])('R21 secure: %s asks no proxy: it is named %s over http too', async (secure, name) => {
    const logs = captureLogs();
    const running = await startApp(platform, moduleWith({ secure }));
    const [line = ''] = headersOf(
      await rawRequest(running.port, 'GET /', [FORWARDED]),
      'Set-Cookie',
    );
    const plain = await rawRequest(running.port, 'GET /', [`Cookie: ${line.split(';', 1)[0]}`]);
    await running.close();
    expect(line.startsWith(`${name}=`)).toBe(true);
    expect(line.includes('; Secure')).toBe(secure);
    expect(headersOf(plain, 'Set-Cookie')).toEqual([]);
    expect(ownLogs(logs)).toEqual([]);
  });
});

/** Nest itself has no option for it. */
class Http2ExpressAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    this.httpServer = createServer() as never;
  }
}

describe('an HTTP/2 server', () => {
  it.each([
    ['express', () => new Http2ExpressAdapter()],
    ['fastify', () => new FastifyAdapter({ http2: true })],
  ])('R18 stops the boot on %s', async (_, createAdapter) => {
    const boot = async (): Promise<void> => {
      const options = { logger: false, abortOnError: false } as const;
      const app = await NestFactory.create(moduleWith(), createAdapter(), options);
      await app.init();
    };
    const failure = await failureOf(boot());
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(failure.message).toMatch(/HTTP\/2/);
  });
});
