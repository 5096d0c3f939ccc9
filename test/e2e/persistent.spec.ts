import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  type INestApplication,
  Injectable,
  type MiddlewareConsumer,
  mixin,
  Module,
  type ModuleMetadata,
  type NestMiddleware,
  type Type,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  type Bag,
  Persistent,
  SessionContext,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { onEveryRoute, onOneController, type PersistentCase } from './persistent-cases.js';
import {
  BareController,
  CountingService,
  HostController,
  type Visits,
} from './persistent-hosts.js';

/** Whether the session was there for the first guard of a request. */
const startedBeforeGuards: boolean[] = [];

@Injectable()
class FirstGuard implements CanActivate {
  constructor(private readonly context: SessionContext) {}

  canActivate(): boolean {
    let isStarted = true;
    try {
      isStarted = this.context.session.isStarted;
    } catch {
      isStarted = false;
    }
    startedBeforeGuards.push(isStarted);
    return true;
  }
}

@Controller('plain')
class PlainController {
  @Get()
  plain() {
    return {};
  }
}

describe.each(platforms)('R2 @Persistent on %s', (platform) => {
  let adapter: CountingAdapter;
  let running: RunningApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it.each(onOneController)(
    'in %s: the session is there before the first guard',
    async (...given) => {
      await expectKept(...given);
      adapter.reset();
      await withCookie().get('/plain');
      expect([adapter.count(), startedBeforeGuards.pop()]).toEqual([0, false]);
    },
  );

  it.each(onEveryRoute)('in %s: the session is there on every route', async (...given) => {
    await expectKept(...given);
    adapter.reset();
    await withCookie().get('/plain');
    expect([adapter.count('read'), startedBeforeGuards.pop()]).toEqual([1, true]);
  });

  it('on no route: nothing is started where nobody has it', async () => {
    await start({ controllers: [BareController] });
    await withCookie().get('/it');
    expect([adapter.count(), startedBeforeGuards.pop()]).toEqual([0, false]);
  });

  it('leaves singletons what they are', async () => {
    let made = 0;
    @Controller('it')
    class MadeController {
      @Persistent() private readonly visits!: Bag<Visits>;
      constructor() {
        made++;
      }

      @Get()
      it() {
        return { count: (this.visits.count = (this.visits.count ?? 0) + 1) };
      }
    }
    await start({ controllers: [MadeController] });
    const url = running?.url ?? '';
    const [one, two] = [new Client(url), new Client(url)];
    await one.get('/it');
    await one.get('/it');
    expect((await one.get('/it')).json()).toEqual({ count: 3 });
    expect((await two.get('/it')).json()).toEqual({ count: 1 });
    expect(made).toBe(1);
  });

  it('gives a subclass a bag of its own, and each class the variable persistent:ClassName', async () => {
    @Controller('sub')
    class SubController extends HostController {}
    @Controller('all')
    class AllController {
      constructor(private readonly session: SessionService) {}

      @Get()
      all() {
        return this.session.toJSON();
      }
    }
    await start({ controllers: [HostController, SubController, AllController] });
    const client = new Client(running?.url ?? '');
    await client.get('/it');
    await client.get('/it');
    await client.get('/sub');
    expect((await client.get('/all')).json()).toEqual({
      'persistent:HostController': { count: 2 },
      'persistent:SubController': { count: 1 },
    });
  });

  it('outside a request explains itself, and is harmless to look at', async () => {
    await start({ controllers: [HostController], providers: [CountingService] });
    const service = running?.app.get(CountingService);
    expect(() => service?.visits.count).toThrow('does not run within an HTTP request');
    expect(() => service?.count()).toThrow(
      expect.objectContaining({ name: 'SessionContextException' }),
    );
    expect(Object.getPrototypeOf(service?.visits)).toBe(Object.prototype);
  });

  it.each([
    ['of one name', undefined, 'Twin'],
    ['with one name given', 'shared', 'shared'],
  ])('two different classes %s stop the boot', async (_, name, told) => {
    const boot = start({ providers: [twin(name), twin(name)] });
    await expect(boot).rejects.toMatchObject({ name: 'InvalidSessionOptionsException' });
    await expect(boot).rejects.toThrow(`under the name "${told}"`);
    await expect(boot).rejects.toThrow("@Persistent('first') and @Persistent('second')");
  });

  it('a class without a name stops the boot, unless its bag has one', async () => {
    const nameless = (name?: string) => {
      const [made] = [class {}];
      Persistent(name)(Object(made?.prototype), 'visits');
      Injectable()(made as Type);
      return made as Type;
    };
    await expect(start({ providers: [nameless()] })).rejects.toThrow('Give the class or the bag');
    await start({ providers: [nameless('given')] });
  });

  it('a mixin stops the boot, since its name changes at every start, unless its bag has one', async () => {
    const made = (name?: string) => {
      class Mixed {
        @Persistent(name) readonly visits!: Bag;
      }
      return mixin(Mixed) as Type;
    };
    const boot = start({ providers: [made()] });
    await expect(boot).rejects.toMatchObject({ name: 'InvalidSessionOptionsException' });
    await expect(boot).rejects.toThrow('Give the bag a name');
    await start({ providers: [made('given')] });
  });

  it('two different middleware classes of one name stop the boot', async () => {
    const withMiddleware = (middleware: Type): Type => {
      class MiddlewareModule {
        configure(consumer: MiddlewareConsumer): void {
          consumer.apply(middleware).forRoutes('it');
        }
      }
      Module({})(MiddlewareModule);
      return MiddlewareModule;
    };
    const boot = start({
      imports: [withMiddleware(countingMiddleware()), withMiddleware(countingMiddleware())],
      controllers: [BareController],
    });
    await expect(boot).rejects.toMatchObject({ name: 'InvalidSessionOptionsException' });
    await expect(boot).rejects.toThrow('under the name "CountingMiddleware"');
  });

  it('the same class in two modules is one class', async () => {
    class Left {}
    await start({
      imports: [{ module: Left, providers: [CountingService] }],
      controllers: [BareController],
      providers: [CountingService],
    });
    expect((await withCookie().get('/it')).status).toBe(200);
  });

  /** Counts 1, 2, 3 in the bag, with one read a request. */
  async function expectKept(...[, bag, module, configure]: PersistentCase): Promise<void> {
    await start(module, configure);
    const client = new Client(running?.url ?? '');
    for (let visit = 1; visit <= 3; visit++) {
      adapter.reset();
      await client.get('/it');
      expect(adapter.count('read')).toBe(visit === 1 ? 0 : 1);
      expect(startedBeforeGuards.pop()).toBe(true);
      expect(await storedBags()).toMatchObject({ [`persistent:${bag}`]: { count: visit } });
    }
  }

  async function storedBags(): Promise<unknown> {
    const { key = '' } = adapter.calls.at(-1) ?? {};
    const { data = '{}' } = (await adapter.peek(key)) ?? {};
    const record = JSON.parse(data) as { session?: { variables: unknown } };
    return record.session?.variables;
  }

  function withCookie(): Client {
    return new Client(running?.url ?? '', [['sid', 'A'.repeat(43)]]);
  }

  async function start(
    module: ModuleMetadata,
    configure?: (app: INestApplication) => void,
  ): Promise<void> {
    adapter = new CountingAdapter();
    running = await startApp(
      platform,
      {
        imports: [SessionModule.forRoot({ adapter }), ...(module.imports ?? [])],
        controllers: [...(module.controllers ?? []), PlainController],
        providers: [{ provide: APP_GUARD, useClass: FirstGuard }, ...(module.providers ?? [])],
      },
      configure,
    );
  }
});

function countingMiddleware(): Type {
  @Injectable()
  class CountingMiddleware implements NestMiddleware {
    @Persistent() readonly visits!: Bag<Visits>;

    use(_request: unknown, _response: unknown, next: () => void): void {
      next();
    }
  }
  return CountingMiddleware;
}

function twin(name: string | undefined): Type {
  @Injectable()
  class Twin {
    @Persistent(name) readonly visits!: Bag;
  }
  return Twin;
}
