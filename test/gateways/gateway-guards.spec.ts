import { afterEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, Injectable, UseGuards } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Bag, Persistent, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { connect, socketAdapterOf, socketKinds } from '../support/gateway-clients.js';
import { type RunningApp, startApp } from '../support/http-apps.js';
import { ActionsController, runAs } from '../support/session-actions.js';

interface Sent {
  readonly id: number;
}

@Injectable()
class FirstGuard implements CanActivate {
  @Persistent() private readonly own!: Bag<{ passed: number }>;

  canActivate(): boolean {
    this.own.passed = (this.own.passed ?? 0) + 1;
    return true;
  }
}

@WebSocketGateway()
@UseGuards(FirstGuard)
class CountingGateway {
  @Persistent() private readonly own!: Bag<{ count: number }>;

  @SubscribeMessage('count')
  count(@MessageBody() { id }: Sent): object {
    return { id, result: (this.own.count = (this.own.count ?? 0) + 1) };
  }
}

@WebSocketGateway()
class PlainGateway {
  @SubscribeMessage('plain')
  plain(@MessageBody() { id }: Sent): object {
    return { id, result: 'no session' };
  }
}

describe.each(socketKinds)('R2 gateways of %s without global guards, as on Nest 11', (kind) => {
  const running: RunningApp[] = [];

  afterEach(async () => {
    for (const app of running.splice(0)) await app.close();
  });

  it('have the session before their first guard, in one application after another', async () => {
    for (let run = 0; run < 2; run++) {
      const adapter = new CountingAdapter();
      const app = await startApp(
        'express',
        {
          imports: [SessionModule.forRoot({ adapter })],
          controllers: [ActionsController],
          providers: [CountingGateway, PlainGateway],
        },
        (created) => {
          created.useWebSocketAdapter(socketAdapterOf(kind, created));
          created.get(ApplicationConfig).getGlobalGuards().length = 0;
        },
      );
      running.push(app);
      const browser = new Client(app.url);
      await runAs(browser, (session) => session.set('known', true));
      const socket = await connect(kind, app.url, { cookie: `sid=${browser.cookies.get('sid')}` });
      adapter.reset();
      expect(await socket.ask('plain')).toEqual({ result: 'no session' });
      expect(adapter.calls).toEqual([]);
      expect(await socket.ask('count')).toEqual({ result: 1 });
      expect(await socket.ask('count')).toEqual({ result: 2 });
      expect(adapter.count('read')).toBe(2);
      const passed = await runAs(browser, (session) => session.persistent(FirstGuard).toJSON());
      expect(passed.json()).toEqual({ passed: 2 });
      socket.close();
    }
  });
});
