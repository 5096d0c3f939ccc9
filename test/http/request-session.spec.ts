import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Controller, Get, Session } from '@nestjs/common';
import { SessionModule } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Method = 'destroy' | 'regenerate' | 'save';

type ExpressSession = Record<Method, (done?: (error?: unknown) => void) => unknown> & {
  user?: string;
};

@Controller()
class ExpressStyleController {
  @Get('user')
  user(@Session() session: ExpressSession): string {
    return session.user ?? 'nobody';
  }

  @Get('login')
  login(@Session() session: ExpressSession): void {
    session.user = 'kimbra';
  }

  @Get('printed')
  printed(@Session() session: ExpressSession): string {
    return inspect(session);
  }

  @Get('left')
  left(@Session() session: ExpressSession): string {
    session.destroy();
    return inspect({ session });
  }

  @Get('destroy')
  destroy(@Session() session: ExpressSession): void {
    session.destroy();
  }

  @Get('regenerate')
  regenerate(@Session() session: ExpressSession): void {
    session.regenerate();
  }

  @Get('save')
  save(@Session() session: ExpressSession): void {
    session.user = 'lee';
    session.save();
  }
}

describe.each(platforms)('req.session on %s, without a callback', (platform) => {
  let store: CountingAdapter;
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    store = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ autoStart: true, adapter: store })],
      controllers: [ExpressStyleController],
    });
    client = new Client(running.url);
    await client.get('/login');
  });

  afterEach(() => running.close());

  it('prints its variables, also when it was left', async () => {
    expect((await client.get('/printed')).text).toBe("{ user: 'kimbra' }");
    expect((await client.get('/left')).text).toBe("{ session: { user: 'kimbra' } }");
  });

  it.each<[Method, string]>([
    ['destroy', 'nobody'],
    ['regenerate', 'nobody'],
    ['save', 'lee'],
  ])('%s() is done before the answer leaves', async (method, user) => {
    await client.get(`/${method}`);
    expect((await client.get('/user')).text).toBe(user);
  });

  it.each<[Method, number]>([
    ['destroy', 200],
    ['regenerate', 200],
    ['save', 503],
  ])('%s() that fails is logged, and the process goes on', async (method, status) => {
    const logs = captureLogs();
    store.failNext('destroy', 2);
    store.failNext('update', 6);

    expect((await client.get(`/${method}`)).status).toBe(status);
    expect(ownLogs(logs)).toContainEqual(
      expect.objectContaining({
        level: 'error',
        text: expect.stringMatching(/not stored.*store failed/),
      }),
    );
    expect((await client.get('/user')).text).toBe('kimbra');
  });
});
