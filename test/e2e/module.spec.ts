import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Post,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  InvalidSessionOptionsException,
  SESSION_ADAPTER,
  SessionAdapter,
  SessionBag,
  type Bag,
  SessionContext,
  SessionModule,
  type SessionModuleOptions,
  type SessionOptionsFactory,
  SessionRegistry,
  SessionService,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { Client } from '../support/client.js';
import { compiledLib } from '../support/compiled-lib.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { freePort } from '../support/free-port.js';
import { type AppModule, platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class VisitsController {
  constructor(private readonly session: SessionService) {}

  @Post()
  visit() {
    const count = this.session.get<number>('count', 0) + 1;
    this.session.set('count', count);
    return { count };
  }
}

const PREFIX = Symbol('PREFIX');

@Module({ providers: [{ provide: PREFIX, useValue: 'async:' }], exports: [PREFIX] })
class ConfigModule {}

describe.each(platforms)('SessionModule on %s', (platform) => {
  let running: RunningApp | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function start(module: AppModule): Promise<Client> {
    running = await startApp(platform, module);
    return new Client(running.url);
  }

  async function expectCounting(client: Client): Promise<void> {
    expect((await client.post('/')).json()).toEqual({ count: 1 });
    expect((await client.post('/')).json()).toEqual({ count: 2 });
  }

  describe('registers', () => {
    const adapter = new CountingAdapter();
    @Injectable()
    class OptionsFactory implements SessionOptionsFactory {
      constructor(@Inject(PREFIX) private readonly prefix: string) {}

      async createSessionOptions(): Promise<SessionModuleOptions> {
        return { adapter, prefix: this.prefix };
      }
    }
    @Module({
      imports: [ConfigModule],
      providers: [OptionsFactory],
      exports: [OptionsFactory],
    })
    class FactoryModule {}
    const useFactory = (prefix: string): SessionModuleOptions => ({ adapter, prefix });
    const imports = [ConfigModule];

    it.each([
      ['useFactory', SessionModule.forRootAsync({ imports, inject: [PREFIX], useFactory })],
      [
        'an asynchronous useFactory',
        SessionModule.forRootAsync({
          imports,
          inject: [PREFIX],
          useFactory: async (prefix: string) => Promise.resolve(useFactory(prefix)),
        }),
      ],
      ['useClass', SessionModule.forRootAsync({ imports, useClass: OptionsFactory })],
      [
        'useExisting',
        SessionModule.forRootAsync({ imports: [FactoryModule], useExisting: OptionsFactory }),
      ],
    ])('with forRootAsync and %s', async (_, dynamicModule) => {
      adapter.reset();
      const client = await start({ imports: [dynamicModule], controllers: [VisitsController] });
      await expectCounting(client);
      expect(adapter.calls.map(({ key }) => key.slice(0, 6))).toEqual(Array(3).fill('async:'));
    });

    it('with forRoot() alone', async () => {
      const client = await start({
        imports: [SessionModule.forRoot()],
        controllers: [VisitsController],
      });
      await expectCounting(client);
      expect(running?.app.get(SESSION_ADAPTER)).toBeInstanceOf(MemoryAdapter);
    });

    it('globally: a feature module imports nothing', async () => {
      @Module({ controllers: [VisitsController] })
      class FeatureModule {}
      await expectCounting(await start({ imports: [SessionModule.forRoot(), FeatureModule] }));
    });

    it.each([
      ['forRoot', () => SessionModule.forRoot({ isGlobal: false })],
      [
        'forRootAsync',
        () => SessionModule.forRootAsync({ isGlobal: false, useFactory: () => ({}) }),
      ],
    ])('not globally with %s and isGlobal: false', async (_, make) => {
      const session = make();
      @Module({ controllers: [VisitsController] })
      class StrangerModule {}
      const boot = start({ imports: [session, StrangerModule] });
      expect((await failureOf(boot)).message).toContain('SessionService');
      @Module({ imports: [session], controllers: [VisitsController] })
      class FeatureModule {}
      await expectCounting(await start({ imports: [session, FeatureModule] }));
    });
  });

  it('exports adapter, context, registry and service', async () => {
    await start({ imports: [SessionModule.forRoot()] });
    const app = running?.app;
    expect(app?.get(SESSION_ADAPTER)).toBeInstanceOf(SessionAdapter);
    expect(app?.get(SessionContext)).toBeInstanceOf(SessionContext);
    expect(app?.get(SessionRegistry)).toBeInstanceOf(SessionRegistry);
  });

  it('can be imported as a class that extends it', async () => {
    class OurSessionModule extends SessionModule {}
    await start({ imports: [OurSessionModule.forRoot()] });
    expect(running?.app.get(SessionContext)).toBeInstanceOf(SessionContext);
  });

  describe('stops the boot', () => {
    @Module({ imports: [SessionModule.forRoot()] })
    class OtherModule {}
    class OurSessionModule extends SessionModule {}
    const twice: [string, ModuleMetadata['imports']][] = [
      ['twice in one module', [SessionModule.forRoot(), SessionModule.forRoot()]],
      ['in two modules', [SessionModule.forRoot(), OtherModule]],
      ['as two classes', [SessionModule.forRoot(), OurSessionModule.forRoot()]],
      [
        'in two ways',
        [SessionModule.forRoot(), SessionModule.forRootAsync({ useFactory: () => ({}) })],
      ],
      ['not globally and globally', [SessionModule.forRoot({ isGlobal: false }), OtherModule]],
    ];
    it.each(twice)('when it is imported %s', async (_, imports) => {
      const boot = start({ imports });
      await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
      await expect(boot).rejects.toThrow('imported twice');
    });

    it('when another copy of the package has imported its own', async () => {
      const copy = pathToFileURL(join(await compiledLib(), 'index.js')).href;
      const other = (await import(copy)) as { SessionModule: typeof SessionModule };
      expect(other.SessionModule).not.toBe(SessionModule);
      const boot = start({ imports: [SessionModule.forRoot(), other.SessionModule.forRoot()] });
      await expect(boot).rejects.toThrow('another copy of nestjs-session-bag');
    });

    it.each([
      ['alone', [SessionModule]],
      ['beside forRoot()', [SessionModule.forRoot(), SessionModule]],
    ])('when it is imported without options, %s', async (_, imports) => {
      await expect(start({ imports })).rejects.toThrow(InvalidSessionOptionsException);
    });

    it.each<[string, SessionModuleOptions]>([
      ['lifetime', { lifetime: 0 }],
      ['uniqueId', { uniqueId: 'a#b' }],
      ['maxSessions', { maxSessions: 0 }],
      ['path', { adapter: 'memory', path: '/tmp' } as never],
      ['sameSite', { cookie: { sameSite: 'none' } }],
    ])('for an option that makes no sense: %s', async (option, options) => {
      const direct = start({ imports: [SessionModule.forRoot(options)] });
      await expect(direct).rejects.toThrow(InvalidSessionOptionsException);
      await expect(direct).rejects.toThrow(option);
      const factory = start({
        imports: [SessionModule.forRootAsync({ useFactory: () => options })],
      });
      await expect(factory).rejects.toThrow(InvalidSessionOptionsException);
    });

    it.each([
      ['null', null],
      ['a string', 'redis'],
    ])('when the options are %s', async (_, options) => {
      const boot = start({ imports: [SessionModule.forRoot(options as never)] });
      await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
      await expect(boot).rejects.toThrow('must be an object');
    });

    @Injectable({ scope: Scope.REQUEST })
    class RequestFactory implements SessionOptionsFactory {
      createSessionOptions(): SessionModuleOptions {
        return {};
      }
    }
    it.each([
      [
        'useFactory with REQUEST',
        SessionModule.forRootAsync({ inject: [REQUEST], useFactory: () => ({}) }),
      ],
      ['a request-scoped useClass', SessionModule.forRootAsync({ useClass: RequestFactory })],
      ['that in an extended module', OurSessionModule.forRootAsync({ useClass: RequestFactory })],
    ])('when the options are made for each request: %s', async (_, dynamicModule) => {
      const boot = start({ imports: [dynamicModule], controllers: [VisitsController] });
      await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
      await expect(boot).rejects.toThrow('Inject singletons only');
    });

    it('when the store cannot be reached, in one sentence without its address', async () => {
      const host = '127.0.0.1';
      const port = await freePort();
      const options = { adapter: 'memcached', host, port, storeTimeout: 300 } as const;
      const failure = await failureOf(start({ imports: [SessionModule.forRoot(options)] }));
      expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
      expect(failure.message).toContain('cannot be reached');
      expect(failure.message).not.toContain(String(port));
    });

    it('also with failFast: false when the options are wrong', async () => {
      const options = { failFast: false, maxSessions: 0 };
      const boot = start({ imports: [SessionModule.forRoot(options)] });
      await expect(boot).rejects.toThrow(InvalidSessionOptionsException);
    });
  });

  it('@SessionBag needs the module', async () => {
    @Controller()
    class BagController {
      @Get()
      bag(@SessionBag('user') user: Bag) {
        return user;
      }
    }
    const client = await start({ controllers: [BagController] });
    expect((await client.get('/')).status).toBe(500);
  });
});
