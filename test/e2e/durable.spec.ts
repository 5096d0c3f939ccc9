import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Post,
  Scope,
  UseGuards,
} from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import {
  type Bag,
  InvalidSessionOptionsException,
  Persistent,
  SessionBag,
  SessionContext,
  SessionModule,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

/** One tenant for all. */
class OneTenant implements ContextIdStrategy {
  readonly #tenant = ContextIdFactory.create();

  attach(contextId: ContextId) {
    return (info: HostComponentInfo) => (info.isTreeDurable ? this.#tenant : contextId);
  }
}

const durable = { scope: Scope.REQUEST, durable: true };

@Injectable(durable)
class TenantService {
  constructor(readonly session: SessionService) {}
}

@Injectable()
class CartService {
  constructor(readonly session: SessionService) {}
}

@Injectable(durable)
class TenantShop {
  constructor(readonly cart: CartService) {}
}

@Injectable(durable)
class TenantFields {
  @Inject(SessionService) readonly session!: SessionService;
}

@Controller({ ...durable, path: 'tenant' })
class TenantController {
  constructor(readonly session: SessionService) {}
}

/** Its parameter is of a type that holds a session, and stands for something else. */
@Injectable(durable)
class TenantServed {
  constructor(@Inject('SERVICE') readonly cart: CartService) {}
}

const value = { provide: 'SERVICE', useValue: {} };

@Module({ providers: [value], exports: [value] })
class ValueModule {}

const factory = {
  ...durable,
  provide: 'TENANT',
  inject: [CartService],
  useFactory: (cart: CartService) => ({ cart }),
};

describe.each(platforms)('a durable provider on %s', (platform) => {
  let running: RunningApp | undefined;

  beforeAll(() => ContextIdFactory.apply(new OneTenant()));

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function start(module: ModuleMetadata): Promise<string> {
    const imports = [SessionModule.forRoot(), ...(module.imports ?? [])];
    running = await startApp(platform, { ...module, imports });
    return running.url;
  }

  it.each<[string, ModuleMetadata]>([
    ['TenantService', { providers: [TenantService] }],
    ['TenantShop', { providers: [CartService, TenantShop] }],
    ['TenantFields', { providers: [TenantFields] }],
    ['TenantController', { controllers: [TenantController] }],
    ['TENANT', { providers: [CartService, factory] }],
  ])('that gets a session injected stops the boot: %s', async (name, module) => {
    const failure = await failureOf(start(module));
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(failure.message).toMatch(
      new RegExp(`^${name} is durable and has SessionService .* Inject SessionContext there`),
    );
  });

  it('that gets a session by what its imports export, or export again, stops the boot', async () => {
    const served = { provide: 'SERVICE', useExisting: CartService };
    @Module({ providers: [CartService, served], exports: [served] })
    class CartModule {}
    @Module({ imports: [CartModule], exports: [CartModule] })
    class ShopModule {}
    const failure = await failureOf(start({ imports: [ShopModule], providers: [TenantServed] }));
    expect(failure).toBeInstanceOf(InvalidSessionOptionsException);
    expect(failure.message).toMatch(/^TenantServed is durable/);
  });

  it.each<[string, ModuleMetadata]>([
    ['is its own in its module', { providers: [value] }],
    ['is exported to its module', { imports: [ValueModule] }],
  ])('may have a token injected that %s, whatever is under it elsewhere', async (_, module) => {
    const served = { provide: 'SERVICE', useExisting: CartService };
    @Module({ providers: [CartService, served] })
    class CartModule {}
    const providers = [TenantServed, ...(module.providers ?? [])];
    const imports = [CartModule, ...(module.imports ?? [])];
    await expect(start({ providers, imports })).resolves.toMatch(/^http/);
  });

  it('beside a session in one class is none of our business', async () => {
    @Injectable(durable)
    class Settings {
      readonly currency = 'NZD';
    }
    @Controller()
    class ShopController {
      constructor(
        private readonly settings: Settings,
        private readonly session: SessionService,
      ) {}

      @Post()
      count() {
        this.session.set('count', this.session.get('count', 0) + 1);
        return [this.settings.currency, this.session.get('count')];
      }
    }
    await expectOwnCounts(
      await start({ providers: [Settings], controllers: [ShopController] }),
      (count) => ['NZD', count],
    );
  });

  it('gives each visitor their own session by SessionContext, @Persistent and @SessionBag', async () => {
    let made = 0;
    @Injectable(durable)
    class TenantCounter {
      @Persistent() private readonly own!: Bag<{ count: number }>;

      constructor(private readonly context: SessionContext) {
        made++;
      }

      count(): number[] {
        const { session } = this.context;
        session.set('count', session.get('count', 0) + 1);
        this.own.count = (this.own.count ?? 0) + 1;
        return [session.get('count', 0), this.own.count];
      }
    }
    @Controller(durable)
    class CountController {
      constructor(private readonly counter: TenantCounter) {}

      @Post()
      count(@SessionBag('bag') bag: Bag<{ count: number }>) {
        bag.count = (bag.count ?? 0) + 1;
        return [...this.counter.count(), bag.count];
      }
    }
    await expectOwnCounts(
      await start({ providers: [TenantCounter], controllers: [CountController] }),
      (count) => [count, count, count],
    );
    expect(made).toBe(1);
  });

  it('may be a controller whose guard gets the session injected: each request has its own guard', async () => {
    @Injectable()
    class CountingGuard implements CanActivate {
      constructor(private readonly session: SessionService) {}

      canActivate(): boolean {
        this.session.set('count', this.session.get('count', 0) + 1);
        return true;
      }
    }
    @Controller(durable)
    @UseGuards(CountingGuard)
    class GuardedController {
      constructor(private readonly context: SessionContext) {}

      @Post()
      count() {
        return [this.context.session.get('count')];
      }
    }
    await expectOwnCounts(await start({ controllers: [GuardedController] }), (count) => [count]);
  });

  async function expectOwnCounts(url: string, answer: (count: number) => unknown): Promise<void> {
    const visitors = [new Client(url), new Client(url), new Client(url)];
    for (const count of [1, 2]) {
      for (const visitor of visitors) {
        expect((await visitor.post('/')).json()).toEqual(answer(count));
      }
    }
  }
});
