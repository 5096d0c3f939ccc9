import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

/** A driver with callbacks and one connection, which the first question opens, as in a pool. */
class Driver {
  readonly #server: Server = createServer((socket) => socket.pipe(socket));
  readonly #waiting: (() => void)[] = [];
  #connection: Socket | undefined;

  async open(): Promise<void> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
  }

  query(done: () => void): void {
    this.#connection ??= this.#connect();
    this.#waiting.push(done);
    this.#connection.write('?');
  }

  async close(): Promise<void> {
    this.#connection?.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(): Socket {
    const { port } = this.#server.address() as AddressInfo;
    return connect(port, '127.0.0.1').on('data', (answers) => {
      for (let count = answers.length; count > 0; count--) this.#waiting.shift()?.();
    });
  }
}

let driver: Driver;

function askFirst(_: unknown, __: unknown, next: () => void): void {
  driver.query(next);
}

@Injectable()
class LoggedInGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    const session = await this.context.start();
    return session.owner !== undefined;
  }
}

@Injectable()
class NoteMiddleware implements NestMiddleware {
  constructor(private readonly context: SessionContext) {}

  async use(_: unknown, __: unknown, next: () => void): Promise<void> {
    const session = await this.context.start();
    session.set('noted', session.owner ?? 'nobody');
    next();
  }
}

@Controller()
class AccountController {
  @Persistent() private readonly persistent!: Bag<{ name: string }>;

  constructor(private readonly context: SessionContext) {}

  @Post('login/:name')
  async login(@Param('name') name: string): Promise<void> {
    this.persistent.name = name;
    await this.context.session.login(name);
  }

  @UseGuards(LoggedInGuard)
  @Get('me')
  me(@SessionBag('persistent:AccountController') bag: Bag<{ name: string }>): unknown {
    const noted = this.context.session.get('noted');
    return { owner: this.context.session.owner, name: this.persistent.name, bag: bag.name, noted };
  }
}

@Controller('injected')
class InjectedController {
  constructor(private readonly session: SessionService) {}

  @Get()
  owner(): unknown {
    return { owner: this.session.owner };
  }
}

describe.each(platforms)(
  'R5 the context after a callback of another request, on %s',
  (platform) => {
    let running: RunningApp;

    const start = async (place: 'app.use' | 'before' | 'after'): Promise<void> => {
      @Module({
        imports: [SessionModule.forRoot()],
        controllers: [AccountController, InjectedController],
      })
      class CallbackModule implements NestModule {
        configure(consumer: MiddlewareConsumer) {
          if (place === 'before') consumer.apply(askFirst).forRoutes('*all');
          consumer.apply(NoteMiddleware).forRoutes('me', 'nowhere');
          if (place === 'after') consumer.apply(askFirst).forRoutes('*all');
        }
      }
      running = await startApp(platform, CallbackModule, (app) => {
        if (place === 'app.use') app.use(askFirst);
      });
    };

    beforeEach(async () => {
      driver = new Driver();
      await driver.open();
    });
    afterEach(async () => {
      await running.close();
      await driver.close();
    });

    it.each(['app.use', 'before', 'after'] as const)('is its own: %s', async (place) => {
      await start(place);
      const [anna, bert, nobody] = [1, 2, 3].map(() => new Client(running.url)) as [
        Client,
        Client,
        Client,
      ];
      for (const [client, name] of [
        [anna, 'anna'],
        [bert, 'bert'],
      ] as const) {
        expect((await client.post(`/login/${name}`)).status).toBe(201);
        const own = { owner: name, name, bag: name, noted: name };
        expect((await client.get('/me')).json()).toEqual(own);
        expect((await client.get('/injected')).json()).toEqual({ owner: name });
      }
      expect((await nobody.get('/me')).status).toBe(403);
      expect((await nobody.get('/injected')).json()).toEqual({});
      expect((await anna.get('/me')).json()).toMatchObject({ owner: 'anna', name: 'anna' });
    });
  },
);
