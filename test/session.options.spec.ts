import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import { InvalidSessionOptionsException, type SessionModuleOptions } from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { resolveSessionOptions } from '../lib/session.options.js';

describe('the options', () => {
  it('have the defaults of the contract', () => {
    expect(resolveSessionOptions({})).toMatchObject({
      adapter: 'memory',
      scope: '',
      prefix: 'sess:',
      lifetime: 3600,
      absoluteLifetime: 2_592_000,
      name: 'sid',
      clearWithBrowser: true,
      autoStart: false,
      storeTimeout: 2000,
      failFast: true,
    });
  });

  it('take undefined for "not given"', () => {
    const given = { adapter: undefined, prefix: undefined, lifetime: undefined, host: undefined };
    expect(resolveSessionOptions(given as SessionModuleOptions)).toMatchObject({
      adapter: 'memory',
      prefix: 'sess:',
      lifetime: 3600,
    });
  });

  it.each<[string, unknown]>([
    ['uniqueId', ''],
    ['uniqueId', 'a#b'],
    ['uniqueId', 7],
    ['prefix', 'with space'],
    ['prefix', 'ümlaut'],
    ['prefix', 'x'.repeat(181)],
    ['prefix', null],
    ['prefix', 'shop:owner:'],
    ['lifetime', 0],
    ['lifetime', 1.5],
    ['lifetime', '3600'],
    ['lifetime', Number.NaN],
    ['absoluteLifetime', 3599],
    ['absoluteLifetime', true],
    ['absoluteLifetime', Infinity],
    ['storeTimeout', 0],
    ['storeTimeout', Infinity],
    ['storeTimeout', '2000'],
    ['autoStart', 'yes'],
    ['failFast', 1],
    ['cookie', null],
    ['cookie', 'secure'],
    ['intercept', {}],
    ['intercept', null],
    ['intercept', { get: 1, set: () => 1 }],
    ['serializer', { serialize: () => '' }],
    ['serializer', JSON],
  ])('refuse %s: %p in a sentence that names it', (option, value) => {
    const resolve = () => resolveSessionOptions({ [option]: value });
    expect(resolve).toThrow(InvalidSessionOptionsException);
    expect(resolve).toThrow(new RegExp(`^The session option "${option}" must be .*\\.$`));
  });

  it('refuse what they do not know, with a list of what there is', () => {
    const resolve = () => resolveSessionOptions({ lifeTime: 1 } as SessionModuleOptions);
    expect(resolve).toThrow(InvalidSessionOptionsException);
    expect(resolve).toThrow(/no session option "lifeTime".*lifetime, absoluteLifetime/);
    expect(() => resolveSessionOptions(null as never)).toThrow(InvalidSessionOptionsException);
  });

  it.each<[object, string]>([
    [{ secret: 'keyboard cat' }, '"secret". Leave it out: the cookie holds a random id'],
    [{ store: new session.MemoryStore() }, 'adapter: fromExpressStore(store), from'],
    [{ resave: false }, '"resave". Leave it out'],
    [{ saveUninitialized: false }, '"saveUninitialized". Leave it out'],
    [{ rolling: true }, 'clearWithBrowser: false'],
    [{ maxAge: 60_000 }, '"lifetime" says after how many seconds'],
    [{ adapter: new session.MemoryStore() }, 'Write adapter: fromExpressStore(store), from'],
    [{ adapter: session.MemoryStore }, 'Write adapter: fromExpressStore(new MemoryStore(…)), from'],
    [{ adapter: MemoryAdapter }, 'and not its class. Write adapter: new MemoryAdapter(…).'],
    [
      { lifetime: 2_592_001 },
      'absoluteLifetime is not set: set that to 2592001 or more, or to false',
    ],
  ])('say of what is written elsewhere how it is written here: %p', (options, told) => {
    const resolve = () => resolveSessionOptions(options);
    expect(resolve).toThrow(InvalidSessionOptionsException);
    expect(resolve).toThrow(told);
  });

  it('take a longer lifetime together with the absolute one', () => {
    const both = { lifetime: 2_592_001, absoluteLifetime: 2_592_001 };
    expect(resolveSessionOptions(both)).toMatchObject(both);
    const endless = { lifetime: 2_592_001, absoluteLifetime: false } as const;
    expect(resolveSessionOptions(endless)).toMatchObject(endless);
  });

  it.each([
    ['memory', 'host', '127.0.0.1'],
    ['file', 'maxSessions', 5],
    ['memcached', 'url', 'redis://localhost'],
    ['redis', 'persistent', true],
    ['database', 'path', '/tmp'],
    ['noop', 'port', 1],
  ])('refuse for the adapter %s the option %s of another', (adapter, option, value) => {
    const resolve = () =>
      resolveSessionOptions({ adapter, [option]: value } as unknown as SessionModuleOptions);
    expect(resolve).toThrow(InvalidSessionOptionsException);
    expect(resolve).toThrow(`"${option}" belongs to the adapter`);
    expect(resolve).toThrow(`"${adapter}"`);
  });

  it('refuse them for an adapter of the application too', () => {
    const own = { adapter: new MemoryAdapter(), maxSessions: 5 } as unknown as SessionModuleOptions;
    expect(() => resolveSessionOptions(own)).toThrow("adapter of the application's own");
  });

  it.each([
    ['intercept', 'one or more of get(), set()'],
    ['serializer', 'serialize() and deserialize()'],
    ['takeOver', 'find()'],
  ])('say which methods %s has', (option, methods) => {
    expect(() => resolveSessionOptions({ [option]: {} })).toThrow(
      `The session option "${option}" must be an object with ${methods}.`,
    );
  });

  it.each(['redus', '', null, 7, () => 1])('refuse the adapter %p', (adapter) => {
    expect(() => resolveSessionOptions({ adapter } as never)).toThrow(
      'must be one of memory, file',
    );
  });

  it('refuse an adapter object without the four methods, naming what is missing', () => {
    const adapter = { read: () => 1, create: () => 1 };
    expect(() => resolveSessionOptions({ adapter } as never)).toThrow('update, destroy');
  });

  it.each([
    ['memcache', 'memcached'],
    ['libmemcached', 'memcached'],
    ['files', 'file'],
    ['stream', 'file'],
  ] as const)("take Phalcon's name %s for %s", (given, meant) => {
    expect(resolveSessionOptions({ adapter: given } as SessionModuleOptions).adapter).toBe(meant);
  });

  it('accept what is at the edge', () => {
    const options: SessionModuleOptions = {
      adapter: 'memory',
      prefix: '',
      lifetime: 1,
      absoluteLifetime: 1,
      storeTimeout: 60_000,
      uniqueId: 'my-private-app',
      intercept: { get: (_, value) => value },
    };
    expect(resolveSessionOptions(options)).toMatchObject({ scope: 'my-private-app#', prefix: '' });
    expect(resolveSessionOptions({ absoluteLifetime: false }).absoluteLifetime).toBe(false);
  });

  it('are one discriminated union: what an adapter does not have does not compile', () => {
    const given: SessionModuleOptions[] = [
      { adapter: 'memcached', host: '127.0.0.1', port: 11211, persistent: true, lifetime: 3600 },
      { adapter: 'file', path: '/tmp/sessions' },
      // @ts-expect-error: a folder is no option of the memcached adapter
      { adapter: 'memcached', path: '/tmp/sessions' },
      // @ts-expect-error: there is no such adapter
      { adapter: 'cassandra' },
      // @ts-expect-error: the memory adapter has no host
      { host: '127.0.0.1' },
    ];
    const outcomes = given.map((options) => {
      try {
        return resolveSessionOptions(options).adapter;
      } catch (error) {
        return (error as Error).name;
      }
    });
    const refused = InvalidSessionOptionsException.name;
    expect(outcomes).toEqual(['memcached', 'file', refused, refused, refused]);
  });
});
