import assert from 'node:assert/strict';
import 'reflect-metadata';
import { Controller, Delete, Get, Inject, type INestApplication, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
} from 'nestjs-session-bag';
import { CountingAdapter, readSession, sessionCookie } from 'nestjs-session-bag/testing';
import supertest from 'supertest';

interface User {
  name: string;
}

@Controller('account')
class AccountController {
  @Persistent() private readonly seen!: Bag<{ times: number }>;
  // Named, since the transformers of some test runners write no types of parameters.
  @Inject(SessionContext) private readonly context!: SessionContext;

  @Get()
  show(@SessionBag('user') user: Bag<User>) {
    const { session } = this.context;
    return { owner: session.owner, theme: session.get('theme'), user, times: this.seen.times };
  }

  @Post('theme')
  choose() {
    this.context.session.set('theme', 'light');
    return {};
  }

  @Delete()
  async leave() {
    await this.context.session.logout();
    return {};
  }
}

/** The functions of a test runner. */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

const adapters = [
  ['express', () => new ExpressAdapter()],
  ['fastify', () => new FastifyAdapter()],
] as const;

/** The testing kit as tests of applications use it, for every test runner. */
export function describeKit({ describe, it }: TestRunner): void {
  for (const [platform, createAdapter] of adapters) {
    describe(`the testing kit on ${platform}`, () => {
      const prepared = {
        owner: 'kimbra',
        variables: { theme: 'dark' },
        bags: { user: { name: 'Kimbra' } },
        persistent: [[AccountController, { times: 3 }]] as const,
      };

      it('prepares a session for a request of supertest', () =>
        withApp(createAdapter(), async (app) => {
          const cookie = await sessionCookie(app, prepared);
          const response = await supertest(app.getHttpServer())
            .get('/account')
            .set('Cookie', cookie)
            .expect(200);
          const user = { name: 'Kimbra' };
          assert.deepEqual(response.body, { owner: 'kimbra', theme: 'dark', user, times: 3 });
        }));

      it('looks into the session that a response of supertest has set', () =>
        withApp(createAdapter(), async (app) => {
          const response = await supertest(app.getHttpServer()).post('/account/theme').expect(201);
          const session = await readSession(app, response);
          assert.deepEqual(session.toJSON(), { theme: 'light' });
        }));

      it('looks into the session that a request of supertest has changed', () =>
        withApp(createAdapter(), async (app) => {
          const cookie = await sessionCookie(app, prepared);
          const request = supertest(app.getHttpServer()).post('/account/theme');
          const session = await readSession(app, await request.set('Cookie', cookie));
          assert.equal(session.get('theme'), 'light');
          assert.equal(session.bag<User>('user').name, 'Kimbra');
          assert.equal(session.owner, 'kimbra');
        }));

      it('sees that a session has ended', () =>
        withApp(createAdapter(), async (app) => {
          const cookie = await sessionCookie(app, prepared);
          const response = await supertest(app.getHttpServer())
            .delete('/account')
            .set('Cookie', cookie);
          assert.equal((await readSession(app, response)).isNew, true);
          assert.equal((await readSession(app, cookie)).isNew, true);
        }));

      it('counts the calls of the store', () => {
        const store = new CountingAdapter();
        return withApp(
          createAdapter(),
          async (app) => {
            const cookie = await sessionCookie(app, { variables: { theme: 'dark' } });
            store.reset();
            await supertest(app.getHttpServer()).get('/account').set('Cookie', cookie);
            assert.deepEqual([store.count(), store.count('read')], [1, 1]);
          },
          store,
        );
      });
    });
  }

  describe('the testing kit with app.inject()', () => {
    it('prepares a session, and looks into the one of a response', () =>
      withApp(new FastifyAdapter(), async (app) => {
        const fastify = app as NestFastifyApplication;
        const cookie = await sessionCookie(app, { owner: 'kimbra', variables: { theme: 'dark' } });
        const headers = { cookie };
        const shown = await fastify.inject({ url: '/account', headers });
        assert.deepEqual(shown.json(), { owner: 'kimbra', theme: 'dark', user: {} });

        const chosen = await fastify.inject({ method: 'POST', url: '/account/theme', headers });
        assert.equal((await readSession(app, chosen)).get('theme'), 'light');
        const begun = await fastify.inject({ method: 'POST', url: '/account/theme' });
        assert.deepEqual((await readSession(app, begun)).toJSON(), { theme: 'light' });
        const left = await fastify.inject({ method: 'DELETE', url: '/account', headers });
        assert.equal((await readSession(app, left)).isNew, true);
      }));
  });
}

async function withApp(
  adapter: ExpressAdapter | FastifyAdapter,
  use: (app: INestApplication) => Promise<void>,
  store = new CountingAdapter(),
): Promise<void> {
  class TestedModule {}
  const app = await NestFactory.create(
    {
      module: TestedModule,
      imports: [SessionModule.forRoot({ adapter: store })],
      controllers: [AccountController],
    },
    adapter,
    { logger: false, abortOnError: false },
  );
  try {
    await app.init();
    if (adapter instanceof FastifyAdapter) await adapter.getInstance().ready();
    await use(app);
  } finally {
    await app.close();
  }
}
