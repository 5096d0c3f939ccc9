import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  type ModuleMetadata,
  Post,
  Scope,
  UseGuards,
  UseInterceptors,
  type NestInterceptor,
  type ExecutionContext,
  type CallHandler,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  type Bag,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Injectable({ scope: Scope.REQUEST })
class InjectedGuard implements CanActivate {
  constructor(private readonly session: SessionService) {}

  canActivate(): boolean {
    if (this.session.has('begun')) return true;
    throw new ForbiddenException();
  }
}

@Injectable()
class ContextGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  async canActivate(): Promise<boolean> {
    return (await this.context.start()).has('begun');
  }
}

@Injectable()
class BagService {
  @Persistent() readonly visits!: Bag<{ count: number }>;

  count(): number {
    return (this.visits.count = (this.visits.count ?? 0) + 1);
  }
}

@Injectable()
class EarlyInterceptor implements NestInterceptor {
  constructor(private readonly context: SessionContext) {}

  intercept(_: ExecutionContext, next: CallHandler) {
    expectNotStarted(this.context);
    return next.handle();
  }
}

@Controller()
class InjectedController {
  constructor(private readonly session: SessionService) {}

  @Post('begin')
  begin() {
    const { isStarted, isNew, id } = this.session.set('begun', true);
    return { isStarted, isNew, id };
  }

  @Get('service')
  service() {
    const { isStarted, isNew, id, key, name } = this.session;
    return { isStarted, isNew, isLong: id.length === 43, key, name };
  }
}

@Controller('guarded')
@UseGuards(InjectedGuard)
class GuardedController {
  @Get('injected')
  injected() {
    return { begun: true };
  }
}

@Controller()
class SingletonController {
  static made = 0;

  constructor(
    private readonly context: SessionContext,
    private readonly modules: ModuleRef,
  ) {
    SingletonController.made++;
  }

  @Get('bag')
  bag(@SessionBag('user') user: Bag<{ name: string }>) {
    return { size: user.size, begun: this.context.session.get('begun') };
  }

  @Get('context')
  async started() {
    expectNotStarted(this.context);
    const session = await this.context.start();
    return { same: session === this.context.session, begun: session.get('begun') };
  }

  @Get('guarded/context')
  @UseGuards(ContextGuard)
  guarded() {
    return { begun: true };
  }

  @Get('late')
  @UseInterceptors(EarlyInterceptor)
  late(@SessionBag('user') user: Bag) {
    return { size: user.size };
  }

  @Get('fetched')
  async fetched() {
    const service = await this.modules.create(BagService);
    const early = messageOf(() => service.count());
    await this.context.start();
    return { early, count: service.count() };
  }

  @Get('resolved')
  async resolved() {
    const session = await this.modules.resolve(SessionService, undefined, { strict: false });
    return { same: session === (await this.context.start()), started: session.isStarted };
  }

  @Get('plain')
  plain() {
    const { active } = this.context;
    return { active, early: messageOf(() => this.context.session) };
  }
}

describe.each(platforms)('R2 the start on %s', (platform) => {
  let adapter: CountingAdapter;
  let running: RunningApp | undefined;
  let client: Client;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it.each([
    ['SessionService is injected', '/service', { isStarted: true, isNew: false, isLong: true }],
    ['a @SessionBag is resolved, in a singleton', '/bag', { size: 0, begun: true }],
    ['SessionContext.start() is awaited', '/context', { same: true, begun: true }],
    ['a guard has the service injected', '/guarded/injected', { begun: true }],
    ['a singleton guard asks the context', '/guarded/context', { begun: true }],
    ['it is resolved with ModuleRef', '/resolved', { same: true, started: true }],
  ])('comes when %s', async (_, path, expected) => {
    await start();
    adapter.reset();
    const answer = await client.get(path);
    expect(answer.json()).toMatchObject(expected);
    expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
  });

  it('comes not before it is asked for', async () => {
    await start();
    expect((await client.get('/late')).json()).toEqual({ size: 0 });
    adapter.reset();
    expect((await client.get('/plain')).json()).toEqual({
      active: true,
      early: expect.stringContaining('await SessionContext.start()'),
    });
    expect(adapter.count()).toBe(0);
  });

  it('is up to who fetches a class with a @Persistent bag at run time', async () => {
    await start();
    const answer = await client.get('/fetched');
    expect(answer.json()).toEqual({
      early: expect.stringContaining('has not been started'),
      count: 1,
    });
    expect((await client.get('/fetched')).json()).toMatchObject({ count: 2 });
  });

  it('leaves controllers singletons', async () => {
    const before = SingletonController.made;
    await start();
    await client.get('/bag');
    await client.get('/bag');
    expect(SingletonController.made).toBe(before + 1);
  });

  it("tells the cookie's name and the key, which opens nothing", async () => {
    await start();
    const { key, name } = (await client.get('/service')).json() as Record<string, string>;
    expect([key, name]).toEqual([expect.stringMatching(/^sess:[\w-]{43}$/), 'sid']);
  });

  it('comes on every route with autoStart, and costs a visitor without a cookie no call', async () => {
    await start({ autoStart: true });
    adapter.reset();
    expect((await client.get('/nowhere')).status).toBe(404);
    expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
    adapter.reset();
    await new Client(running?.url ?? '').get('/bag');
    expect(adapter.count()).toBe(0);
  });

  describe('R25 that fails', () => {
    it.each(['/service', '/bag', '/context', '/guarded/injected', '/guarded/context'])(
      '%s is a 503: no empty session, no new id, no cleared cookie',
      async (path) => {
        await start();
        const before = new Map(client.cookies);
        adapter.reset();
        adapter.isDown = true;
        const answer = await client.get(path);
        expect(answer.status).toBe(503);
        expect([answer.setCookies, client.cookies]).toEqual([[], before]);
        expect(answer.text).not.toContain('10.11.12.13');
        expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
        expect((await client.get('/plain')).status).toBe(200);
        adapter.isDown = false;
        expect((await client.get('/bag')).json()).toEqual({ size: 0, begun: true });
      },
    );

    it.each([false, true])('with @Persistent, or with autoStart: %s', async (autoStart) => {
      @Controller('own')
      class OwnController {
        constructor(private readonly service: BagService) {}

        @Get()
        own() {
          return { count: this.service.count() };
        }
      }
      await start({ autoStart }, { controllers: [OwnController], providers: [BagService] });
      adapter.isDown = true;
      const answer = await client.get('/own');
      expect([answer.status, answer.setCookies]).toEqual([503, []]);
      adapter.isDown = false;
      expect((await client.get('/own')).json()).toEqual({ count: 1 });
    });
  });

  /** An application, and a client with a session that has begun. */
  async function start(
    options: Pick<SessionModuleOptions, 'autoStart'> = {},
    module: ModuleMetadata = {},
  ): Promise<void> {
    adapter = new CountingAdapter();
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ adapter, ...options })],
      controllers: [
        InjectedController,
        GuardedController,
        SingletonController,
        ...(module.controllers ?? []),
      ],
      providers: [ContextGuard, ...(module.providers ?? [])],
    });
    client = new Client(running.url);
    const begun = await client.post('/begin');
    if (begun.status !== 201) throw new Error('The session has not begun.');
  }
});

function messageOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
  return 'nothing was thrown';
}

function expectNotStarted(context: SessionContext): void {
  if (!messageOf(() => context.session).includes('has not been started')) {
    throw new Error('The session was started too early.');
  }
}
