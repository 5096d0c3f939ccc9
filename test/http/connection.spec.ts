import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Controller, Get, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { describe, expect, it } from '@jest/globals';
import { isSecure, isUntrustedHttps } from '../../lib/http/connection.js';
import { eachAdapter } from '../../lib/http/http-adapters.js';
import { installMiddleware } from '../../lib/http/install-middleware.js';
import { platforms, startApp } from '../support/http-apps.js';

describe('R21 a raw request', () => {
  it('is secure on an encrypted socket', () => {
    const request = new IncomingMessage(Object.assign(new Socket(), { encrypted: true }));
    expect(isSecure(request)).toBe(true);
    expect(isUntrustedHttps(request)).toBe(false);
  });

  it('is not otherwise, whatever it says', () => {
    const request = new IncomingMessage(new Socket());
    request.headers['x-forwarded-proto'] = 'HTTPS , http';
    expect(isSecure(request)).toBe(false);
    expect(isUntrustedHttps(request)).toBe(true);
  });
});

@Injectable()
class Connections {
  readonly seen: { secure: boolean; untrusted: boolean }[] = [];

  constructor(host: HttpAdapterHost) {
    eachAdapter(host, (adapter) =>
      installMiddleware(adapter, (_request, _response, next, request) => {
        this.seen.push({ secure: isSecure(request), untrusted: isUntrustedHttps(request) });
        next();
      }),
    );
  }
}

@Controller()
class EmptyController {
  @Get() get(): string {
    return '';
  }
}

describe.each(platforms)('R21 on %s X-Forwarded-Proto', (platform) => {
  it.each([true, false])('counts where the proxy is trusted: %s', async (isTrusted) => {
    const adapter =
      platform === 'express' ? new ExpressAdapter() : new FastifyAdapter({ trustProxy: isTrusted });
    if (adapter instanceof ExpressAdapter) adapter.getInstance().set('trust proxy', isTrusted);
    const module = { controllers: [EmptyController], providers: [Connections] };
    const app = await startApp(adapter, module);
    try {
      await fetch(app.url, { headers: { 'X-Forwarded-Proto': 'https' } });
      await fetch(app.url, { headers: { 'X-Forwarded-Proto': 'http' } });
      await fetch(app.url);
      const insecure = { secure: false, untrusted: false };
      expect(app.app.get(Connections).seen).toEqual([
        { secure: isTrusted, untrusted: !isTrusted },
        insecure,
        insecure,
      ]);
    } finally {
      await app.close();
    }
  });
});
