import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Controller, Get, Post, Res } from '@nestjs/common';
import { SessionModule, SessionService } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

describe.each(platforms)('R3 after the response on %s', (platform) => {
  const after: Promise<unknown>[] = [];

  @Controller()
  class AfterController {
    constructor(private readonly session: SessionService) {}

    @Post()
    begin() {
      this.session.set('n', 1).bag('user')['name'] = 'Kimbra';
      return {};
    }

    @Get()
    read() {
      return this.session.toJSON();
    }

    @Get('after')
    after(@Res({ passthrough: true }) response: ServerResponse | { raw: ServerResponse }) {
      const raw = 'raw' in response ? response.raw : response;
      after.push(once(raw, 'close').then(() => this.#whenOver()));
      return {};
    }

    async #whenOver() {
      const { session } = this;
      const attempts: (() => unknown)[] = [
        () => session.set('n', 9),
        () => session.remove('n'),
        () => (session.bag('user')['name'] = 'L'),
      ];
      const failures = await Promise.all(
        attempts.map((attempt) => failureOf(Promise.resolve().then(attempt))),
      );
      const read = session.get('n');
      const updated = await session.update<number>('n', (n = 0) => n + 1);
      await session.save();
      return { failures: failures.map(({ name }) => name), read, updated };
    }
  }

  let running: RunningApp;
  beforeEach(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot()],
      controllers: [AfterController],
    });
  });
  afterEach(() => running.close());

  it('writing throws; reading, update() and save() work', async () => {
    const client = new Client(running.url);
    await client.post('/');
    await client.get('/after');
    expect(await after.pop()).toEqual({
      failures: Array(3).fill('SessionContextException'),
      read: 1,
      updated: 2,
    });
    expect((await client.get('/')).json()).toEqual({ n: 2, user: { name: 'Kimbra' } });
  });
});
