import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { Controller, Get, Param, Res } from '@nestjs/common';
import {
  type Bag,
  Persistent,
  SessionContext,
  SessionModule,
  type SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { type PlatformResponse, takeOver } from '../support/raw-response.js';

interface Waiting {
  readonly session: SessionService;
  readonly response: ServerResponse;
}

const waiting: Waiting[] = [];

/** As in a chat without sockets: who says something ends the requests of those who wait for it. */
@Controller()
class ChatController {
  @Persistent() private readonly self!: Bag<{ name: string }>;

  constructor(private readonly context: SessionContext) {}

  @Get('come/:name')
  come(@Param('name') name: string): void {
    this.self.name = name;
  }

  @Get('wait')
  wait(@Res() response: PlatformResponse): void {
    const { session } = this.context;
    session.set('waited', { as: this.self });
    waiting.push({ session, response: takeOver(response) });
  }

  @Get('say')
  say(): void {
    for (const { response } of waiting.splice(0)) response.end('something was said');
  }

  @Get('save')
  async save(): Promise<void> {
    await Promise.all(waiting.map(({ session }) => session.save()));
    this.say();
  }

  @Get('session')
  session(): unknown {
    return this.context.session.toJSON();
  }
}

describe.each(platforms)('an answer that another request ends on %s', (platform) => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot()],
      controllers: [ChatController],
    });
  });
  afterAll(() => running.close());

  it.each(['say', 'save'])(
    'R11 stores nothing of the other session in its own (%s)',
    async (act) => {
      const [kimbra, lee] = [new Client(running.url), new Client(running.url)];
      await kimbra.get('/come/Kimbra');
      await lee.get('/come/Lee');
      const answer = kimbra.get('/wait');
      await pollUntil(() => waiting.length > 0, { within: 3000, what: 'somebody who waits' });
      await lee.get(`/${act}`);
      expect((await answer).text).toBe('something was said');
      expect((await kimbra.get('/session')).json()).toEqual({
        'persistent:ChatController': { name: 'Kimbra' },
        waited: { as: { name: 'Kimbra' } },
      });
    },
  );
});
