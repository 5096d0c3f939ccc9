import type { AddressInfo } from 'node:net';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  Session,
} from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { SessionModule } from 'nestjs-session-bag';
import { describe, expect, it } from '@jest/globals';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import { eachAdapter } from '../../lib/http/http-adapters.js';
import { installMiddleware, refuseHttp2 } from '../../lib/http/install-middleware.js';
import { Client } from '../support/client.js';
import { adapterOf, platforms, startApp } from '../support/http-apps.js';

@Injectable()
class Recorder {
  readonly order: string[] = [];

  constructor(host: HttpAdapterHost) {
    eachAdapter(host, (adapter) =>
      installMiddleware(adapter, (request, _response, next) => {
        this.order.push(`session ${String(request.url)}`);
        next();
      }),
    );
  }
}

@Controller()
class MeController {
  @Get('me') me(): string {
    return 'me';
  }
}

const module = { controllers: [MeController], providers: [Recorder] };

describe.each(platforms)('R5 on %s the middleware', (platform) => {
  it('runs before app.use of main.ts, for every form of a URL', async () => {
    const app = await startApp(platform, module, (created) => {
      created.setGlobalPrefix('api');
      created.use((_request: unknown, _response: unknown, next: () => void) => {
        created.get(Recorder).order.push('main');
        next();
      });
    });
    const paths = ['/api/me', '/me/', '//me', '/ME', '/me;a', '/nowhere?x=1'];
    try {
      for (const path of paths) await fetch(app.url + path);
      await fetch(`${app.url}/api/me`, { method: 'HEAD' });
      const expected = [...paths, '/api/me'].flatMap((path) => [`session ${path}`, 'main']);
      expect(app.app.get(Recorder).order).toEqual(expected);
    } finally {
      await app.close();
    }
  });

  it('runs first in a testing module too', async () => {
    const compiled = await Test.createTestingModule(module).compile();
    const app = compiled.createNestApplication(adapterOf(platform), { logger: false });
    const { order } = app.get(Recorder);
    app.use((_request: unknown, _response: unknown, next: () => void) => {
      order.push('main');
      next();
    });
    await app.listen(0, '127.0.0.1');
    try {
      const { port } = app.getHttpServer().address() as AddressInfo;
      await fetch(`http://127.0.0.1:${port}/me`);
      expect(order).toEqual(['session /me', 'main']);
    } finally {
      await app.close();
    }
  });
});

describe.each(platforms)('several applications of one testing module on %s', (platform) => {
  @Controller()
  class VisitsController {
    @Get() count(@Session() session: { visits?: number }): number {
      return (session.visits = (session.visits ?? 0) + 1);
    }
  }

  it('all have sessions', async () => {
    const compiled = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ autoStart: true })],
      controllers: [VisitsController],
    }).compile();
    const apps: INestApplication[] = [];
    try {
      for (let made = 0; made < 2; made++) {
        const app = compiled.createNestApplication(adapterOf(platform), { logger: false });
        apps.push(app);
        await app.listen(0, '127.0.0.1');
        const client = new Client(await app.getUrl());
        expect((await client.get('/')).text).toBe('1');
        expect((await client.get('/')).text).toBe('2');
      }
    } finally {
      for (const app of apps) await app.close();
    }
  });
});

describe('an adapter of Fastify without room for a hook, as before Nest 11.1.4', () => {
  it('has the middleware before app.use of main.ts, for every form of a URL', async () => {
    const old = Object.assign(new FastifyAdapter(), { setOnRequestHook: undefined });
    const app = await startApp(old, module, (created) => {
      created.use((_request: unknown, _response: unknown, next: () => void) => {
        created.get(Recorder).order.push('main');
        next();
      });
    });
    try {
      const paths = ['/me', '//me', '/nowhere?x=1'];
      for (const path of paths) await fetch(app.url + path);
      const expected = paths.flatMap((path) => [`session ${path}`, 'main']);
      expect(app.app.get(Recorder).order).toEqual(expected);
    } finally {
      await app.close();
    }
  });
});

describe('without HTTP', () => {
  it('an application context gets no middleware', async () => {
    class ContextModule {}
    Module(module)(ContextModule);
    const context = await NestFactory.createApplicationContext(ContextModule, { logger: false });
    expect(context.get(Recorder).order).toEqual([]);
    await context.close();
  });
});

describe('R18 an HTTP/2 server', () => {
  it('stops the boot', async () => {
    const booting = startApp(new FastifyAdapter({ http2: true } as object), module);
    await expect(booting).rejects.toThrow(InvalidSessionOptionsException);
    await expect(booting).rejects.toThrow('HTTP/2');
  });

  it('is known by the server that a custom adapter makes', () => {
    const adapter = new ExpressAdapter();
    refuseHttp2(adapter);
    adapter.setHttpServer({ updateSettings: () => undefined } as never);
    expect(() => refuseHttp2(adapter)).toThrow(InvalidSessionOptionsException);
  });
});
