import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestMicroservice, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionContextException,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { firstValueFrom } from 'rxjs';
import { captureLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Injectable()
class Visits {
  @Persistent() private readonly persistent!: Bag<{ count: number }>;

  next(): number {
    this.persistent.count = (this.persistent.count ?? 0) + 1;
    return this.persistent.count;
  }
}

@Controller()
class MessagesController {
  constructor(
    private readonly context: SessionContext,
    private readonly visits: Visits,
  ) {}

  @Get('visits')
  count(): number {
    return this.visits.next();
  }

  @MessagePattern('plain')
  plain(): string {
    return 'no session';
  }

  @MessagePattern('bag')
  bag(@SessionBag('user') user: Bag): unknown {
    return user.toJSON();
  }

  @MessagePattern('persistent')
  persistent(): number {
    return this.visits.next();
  }

  @MessagePattern('context')
  async asked(): Promise<string> {
    if (this.context.active) return 'active';
    const failure = await failureOf(this.context.start());
    if (failure instanceof SessionContextException) throw new RpcException(failure.message);
    return 'something else';
  }
}

@Controller()
class InjectedController {
  constructor(private readonly session: SessionService) {}

  @MessagePattern('injected')
  read(): number {
    return this.session.size;
  }
}

@Module({
  imports: [SessionModule.forRoot()],
  controllers: [MessagesController, InjectedController],
  providers: [Visits],
})
class MessagesModule {}

const NO_SESSION = /There is no session here: .* messages of microservices/;

describe.each([...platforms, 'no http'] as const)('messages of a microservice, %s', (platform) => {
  let hybrid: RunningApp | undefined;
  let alone: INestMicroservice | undefined;
  let client: ClientProxy;

  beforeAll(async () => {
    const options = { host: '127.0.0.1', port: await freePort() };
    const transport: MicroserviceOptions = { transport: Transport.TCP, options };
    if (platform === 'no http') {
      alone = await NestFactory.createMicroservice<MicroserviceOptions>(MessagesModule, {
        ...transport,
        logger: false,
        abortOnError: false,
      });
      await alone.listen();
    } else {
      hybrid = await startApp(platform, MessagesModule, async (app) => {
        app.connectMicroservice(transport, { inheritAppConfig: true });
        await app.startAllMicroservices();
      });
    }
    client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  });

  afterAll(async () => {
    await client.close();
    await Promise.all([hybrid?.close(), alone?.close()]);
  });

  function send(pattern: string): Promise<unknown> {
    return firstValueFrom(client.send<unknown>(pattern, {}));
  }

  it('work as long as they use no session', async () => {
    expect(await send('plain')).toBe('no session');
  });

  it.each(['bag', 'persistent', 'injected'])('say why there is none: %s', async (pattern) => {
    const logs = captureLogs();
    await expect(send(pattern)).rejects.toMatchObject({ status: 'error' });
    expect(logs.map(({ text }) => text).join('\n')).toMatch(NO_SESSION);
  });

  it('say so through SessionContext', async () => {
    await expect(send('context')).rejects.toMatchObject({
      message: expect.stringMatching(NO_SESSION),
    });
  });

  if (platform !== 'no http') {
    it('leave the requests beside them their sessions', async () => {
      const browser = new Client(hybrid?.url ?? '');
      expect((await browser.get('/visits')).text).toBe('1');
      expect((await browser.get('/visits')).text).toBe('2');
    });
  }
});
