import { Injectable } from '@nestjs/common';
import createKnex, { type Knex } from 'knex';
import {
  createSessionAdapter,
  type SessionAdapter,
  SessionModule,
  type SessionModuleAsyncOptions,
  type SessionModuleOptions,
  type SessionOptionsFactory,
} from 'nestjs-session-bag';
import { createSessionTable, sessionTableSql } from 'nestjs-session-bag/adapters/database';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { RedisAdapter } from 'nestjs-session-bag/adapters/redis';
import { describe, expect, test } from 'tstyche';

declare const own: SessionAdapter;
declare const knex: Knex;
declare const transaction: Knex.Transaction;

describe('forRoot()', () => {
  const { forRoot } = SessionModule;

  test('needs no options', () => {
    expect(forRoot).type.toBeCallableWith();
    expect(forRoot).type.toBeCallableWith({});
    expect(forRoot).type.toBeCallableWith({ isGlobal: false });
  });

  test('takes the common options with every adapter', () => {
    const common = {
      uniqueId: 'shop',
      prefix: 'shop:',
      lifetime: 60,
      absoluteLifetime: false,
      name: 'shop',
      cookie: { sameSite: 'strict', secure: true, priority: 'high' },
      autoStart: true,
      intercept: { get: (_: string, value: unknown) => value },
      storeTimeout: 500,
      failFast: false,
      renewAfter: 900,
      maxSessionsPerOwner: 3,
      whenOwnerIsFull: 'reject',
      encryption: { keys: [] },
    } as const;
    expect(forRoot).type.toBeCallableWith(common);
    expect(forRoot).type.toBeCallableWith({ ...common, adapter: 'noop' as const });
    expect(forRoot).type.toBeCallableWith({ ...common, adapter: 'redis' as const });
    expect(forRoot).type.toBeCallableWith({ ...common, adapter: 'cookie' as const });
    expect(forRoot).type.toBeCallableWith({ ...common, adapter: own });
  });

  test('takes the options of the adapter', () => {
    expect(forRoot).type.toBeCallableWith({ maxSessions: 10 });
    expect(forRoot).type.toBeCallableWith({ adapter: 'memory', maxSessions: 10 });
    expect(forRoot).type.toBeCallableWith({ adapter: 'file', path: 'sessions' });
    expect(forRoot).type.toBeCallableWith({ adapter: 'stream', path: 'sessions' });
    expect(forRoot).type.toBeCallableWith({ adapter: 'memcached', host: 'a', persistent: true });
    expect(forRoot).type.toBeCallableWith({ adapter: 'libmemcached', servers: ['a:11211'] });
    expect(forRoot).type.toBeCallableWith({ adapter: 'redis', url: 'redis://a', db: 1 });
    expect(forRoot).type.toBeCallableWith({ adapter: 'database', client: 'pg', table: 'sessions' });
    expect(forRoot).type.toBeCallableWith({ adapter: 'noop' });
  });

  test("takes the application's own knex, and nothing that is none", () => {
    expect(forRoot).type.toBeCallableWith({ adapter: 'database', knex });
    expect(createSessionTable).type.toBeCallableWith(transaction, 'shop_sessions');
    expect(sessionTableSql).type.toBeCallableWith(knex);
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'database', knex: createKnex });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'database', knex: { client: 'pg' } });
  });

  test('wants a folder for files', () => {
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'file' });
  });

  test('refuses those of another adapter', () => {
    expect(forRoot).type.not.toBeCallableWith({ host: 'a' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'memory', host: 'a' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'file', maxSessions: 10 });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'memcached', url: 'a' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'redis', path: 'sessions' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'redis', persistent: true });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'database', host: 'a' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'noop', path: 'sessions' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: own, path: 'sessions' });
  });

  test('refuses those of another adapter in variables, too', () => {
    const options = { adapter: 'memory' as const, host: 'a' };
    expect(forRoot).type.not.toBeCallableWith(options);
    expect(options).type.not.toBeAssignableTo<SessionModuleOptions>();
  });

  test('refuses what no option is', () => {
    expect(forRoot).type.not.toBeCallableWith({ secret: 'x' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'mongodb' });
    expect(forRoot).type.not.toBeCallableWith({ adapter: { read: own.read } });
    expect(forRoot).type.not.toBeCallableWith({ lifetime: '60' });
    expect(forRoot).type.not.toBeCallableWith({ absoluteLifetime: true });
    expect(forRoot).type.not.toBeCallableWith({ cookie: { sameSite: 'sometimes' } });
    expect(forRoot).type.not.toBeCallableWith({ cookie: { httpOnly: false } });
    expect(forRoot).type.not.toBeCallableWith({ whenOwnerIsFull: 'wait' });
  });

  test('wants keys for sessions in cookies', () => {
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'cookie' });
    expect(forRoot).type.toBeCallableWith({ adapter: 'cookie', encryption: { keys: ['k'] } });
    expect(forRoot).type.not.toBeCallableWith({ adapter: 'redis', revocations: own });
  });

  test('wants both methods of a serializer, and one of an interceptor', () => {
    const serialize = JSON.stringify as (variables: Record<string, unknown>) => string;
    expect(forRoot).type.not.toBeCallableWith({ serializer: { serialize } });
    expect(forRoot).type.not.toBeCallableWith({ intercept: { get: 'x' } });
  });
});

describe('forRootAsync()', () => {
  const { forRootAsync } = SessionModule;

  test('takes a factory with what is injected', () => {
    expect(forRootAsync).type.toBeCallableWith({
      inject: ['HOST'],
      useFactory: (host: string) => ({ adapter: 'redis' as const, host }),
    });
    expect(forRootAsync).type.toBeCallableWith({
      isGlobal: false,
      imports: [],
      useFactory: async () => ({ lifetime: 60 }),
    });
  });

  test('takes a class that makes the options', () => {
    @Injectable()
    class Options implements SessionOptionsFactory {
      createSessionOptions(): SessionModuleOptions {
        return { adapter: 'file', path: 'sessions' };
      }
    }
    class NoOptions {}
    expect(forRootAsync).type.toBeCallableWith({ useClass: Options });
    expect(forRootAsync).type.toBeCallableWith({ useExisting: Options });
    expect(forRootAsync).type.not.toBeCallableWith({ useClass: NoOptions });
  });

  test('refuses wrong options from the factory', () => {
    expect(forRootAsync).type.not.toBeCallableWith({
      useFactory: () => ({ adapter: 'file' as const, host: 'a' }),
    });
    expect(forRootAsync).type.not.toBeCallableWith({ useFactory: async () => ({ host: 'a' }) });
    expect(forRootAsync).type.not.toBeCallableWith({ useFactory: () => 'memory' });
    expect(forRootAsync).type.not.toBeCallableWith();
  });

  test('has a type for its options', () => {
    expect<{
      useFactory: () => { adapter: 'redis' };
    }>().type.toBeAssignableTo<SessionModuleAsyncOptions>();
    expect<{ isGlobal: 'yes' }>().type.not.toBeAssignableTo<SessionModuleAsyncOptions>();
  });
});

describe('adapters', () => {
  test('are made of the same options without Nest', () => {
    expect(createSessionAdapter).type.toBeCallableWith({ adapter: 'redis', host: 'a' });
    expect(createSessionAdapter).type.not.toBeCallableWith({ adapter: 'file', host: 'a' });
    expect(createSessionAdapter({})).type.toBe<Promise<SessionAdapter>>();
  });

  test('are constructed with their own options only', () => {
    expect(MemoryAdapter).type.toBeConstructableWith({ maxSessions: 10 });
    expect(MemoryAdapter).type.not.toBeConstructableWith({ path: 'sessions' });
    expect(RedisAdapter).type.toBeConstructableWith({ host: 'a' });
    expect(RedisAdapter).type.not.toBeConstructableWith({ path: 'sessions' });
    expect<MemoryAdapter>().type.toBeAssignableTo<SessionAdapter>();
  });

  test('of the application have four methods', () => {
    expect<
      Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'>
    >().type.toBeAssignableTo<SessionAdapter>();
    expect<
      Pick<SessionAdapter, 'read' | 'create' | 'update'>
    >().type.not.toBeAssignableTo<SessionAdapter>();
  });
});
