import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  type OnModuleInit,
  NotFoundException,
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
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
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

function fastifyOf(app: RunningApp['app']): FastifyInstance {
  return (app as NestFastifyApplication).getHttpAdapter().getInstance();
}

/** What a module registers as it is initialized. */
const plugin = Object.assign(
  async (fastify: FastifyInstance) => void fastify.addHook('preHandler', askFirst),
  { [Symbol.for('skip-override')]: true },
);

function askFirst({ url }: { url: string }, _: unknown, next: (error?: Error) => void): void {
  driver.query(() => next(url.startsWith('/refused') ? new NotFoundException() : undefined));
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

interface PlatformResponse {
  status(code: number): { send(body: object): void };
}

@Catch(NotFoundException)
class NotFoundFilter implements ExceptionFilter {
  constructor(private readonly context: SessionContext) {}

  async catch(_: unknown, host: ArgumentsHost): Promise<void> {
    const { owner } = await this.context.start();
    host.switchToHttp().getResponse<PlatformResponse>().status(404).send({ owner });
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

type Place = 'app.use' | 'hook' | 'plugin' | 'before' | 'after';

describe.each(platforms)(
  'R5 the context after another request opened a connection, on %s',
  (platform) => {
    let running: RunningApp;

    const start = async (place: Place): Promise<void> => {
      @Module({
        imports: [SessionModule.forRoot()],
        providers: [{ provide: APP_FILTER, useClass: NotFoundFilter }],
        controllers: [AccountController, InjectedController],
      })
      class CallbackModule implements NestModule, OnModuleInit {
        constructor(private readonly host: HttpAdapterHost) {}

        onModuleInit(): void {
          if (place === 'plugin') void this.host.httpAdapter.getInstance().register(plugin);
        }

        configure(consumer: MiddlewareConsumer) {
          if (place === 'before') consumer.apply(askFirst).forRoutes('*all');
          consumer.apply(NoteMiddleware).forRoutes('me', 'nowhere');
          if (place === 'after') consumer.apply(askFirst).forRoutes('*all');
        }
      }
      running = await startApp(platform, CallbackModule, (app) => {
        if (place === 'app.use') app.use(askFirst);
        if (place === 'hook') fastifyOf(app).addHook('preHandler', askFirst);
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

    const places: Place[] = ['app.use', 'before', 'after'];
    it.each<Place>(platform === 'fastify' ? [...places, 'hook', 'plugin'] : places)(
      'is its own: %s',
      async (place) => {
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
          expect((await client.get('/refused')).json()).toEqual({ owner: name });
          expect((await client.get('/nowhere')).json()).toEqual({ owner: name });
        }
        expect((await nobody.get('/me')).status).toBe(403);
        expect((await nobody.get('/injected')).json()).toEqual({});
        expect((await nobody.get('/missing')).json()).toEqual({});
        expect((await anna.get('/me')).json()).toMatchObject({ owner: 'anna', name: 'anna' });
      },
    );
  },
);
