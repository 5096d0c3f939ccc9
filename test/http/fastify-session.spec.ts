import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Session } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InvalidSessionOptionsException, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { startApp } from '../support/http-apps.js';

@Controller()
class VisitsController {
  @Get()
  visit(@Session() session: { visits?: number }): string {
    session.visits = (session.visits ?? 0) + 1;
    return String(session.visits);
  }
}

const module = {
  imports: [SessionModule.forRoot({ autoStart: true })],
  controllers: [VisitsController],
};

describe('autoStart on Fastify', () => {
  it('is what @Session() gives, also to hooks of the instance', async () => {
    const platform = new FastifyAdapter();
    const seen: unknown[] = [];
    platform.getInstance().addHook('preHandler', async (request) => {
      seen.push((request as { session?: { visits?: number } }).session?.visits);
    });
    const app = await startApp(platform, module);
    const client = new Client(app.url);

    expect((await client.get('/')).text).toBe('1');
    expect((await client.get('/')).text).toBe('2');
    expect(seen).toEqual([undefined, 1]);
    await app.close();
  });

  it('stops the boot where another plugin has put its session there', async () => {
    const platform = new FastifyAdapter();
    platform.getInstance().decorateRequest('session', null);

    const boot = startApp(platform, module);
    await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
    await expect(boot).rejects.toThrow('another plugin');
  });

  it('stops the boot where main.ts registers such a plugin', async () => {
    const platform = new FastifyAdapter();
    const boot = startApp(platform, module, async () => {
      await platform.register(
        Object.assign(
          async (fastify: { decorateRequest(name: string, value: null): unknown }) => {
            fastify.decorateRequest('session', null);
          },
          { [Symbol.for('skip-override')]: true },
        ) as never,
      );
    });
    await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
  });
});

describe('autoStart in an application without HTTP', () => {
  it('does nothing', async () => {
    class Root {}
    const context = await NestFactory.createApplicationContext(
      { module: Root, ...module },
      { logger: false, abortOnError: false },
    );
    await expect(context.close()).resolves.toBeUndefined();
  });
});
