import type { INestApplication } from '@nestjs/common';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';
import type { SessionAdapter, SessionService } from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import {
  CountingAdapter,
  describeSessionAdapter,
  readSession,
  sessionCookie,
} from 'nestjs-session-bag/testing';
import * as nodeTest from 'node:test';
import type { Response as SupertestResponse } from 'supertest';
import { describe, expect, test } from 'tstyche';
import * as vitest from 'vitest';

declare const app: INestApplication;

describe('sessionCookie()', () => {
  test('takes an application, or a testing module', () => {
    expect(sessionCookie(app, { owner: 'kimbra' })).type.toBe<Promise<string>>();
    expect(sessionCookie).type.toBeCallableWith({} as TestingModule, { variables: { n: 1 } });
    expect(sessionCookie).type.toBeCallableWith({} as NestFastifyApplication, { owner: 'kimbra' });
    expect(sessionCookie).type.not.toBeCallableWith({}, { owner: 'kimbra' });
  });

  test('takes variables, bags, classes and the rest', () => {
    class Wizard {}
    interface Cart {
      items: string[];
    }
    const cart: Cart = { items: [] };
    expect(sessionCookie).type.toBeCallableWith(app, { bags: { cart }, lifetime: 60, https: true });
    expect(sessionCookie).type.toBeCallableWith(app, { persistent: [[Wizard, { step: 1 }]] });
    expect(sessionCookie).type.toBeCallableWith(app, { persistent: new Map([[Wizard, cart]]) });
    expect(sessionCookie).type.not.toBeCallableWith(app, { bags: { cart: 'text' } });
    expect(sessionCookie).type.not.toBeCallableWith(app, { persistent: [[cart, {}]] });
    expect(sessionCookie).type.not.toBeCallableWith(app, { owner: 7 });
    expect(sessionCookie).type.not.toBeCallableWith(app, { variable: {} });
  });

  test('takes named variables by their types', () => {
    expect(sessionCookie).type.toBeCallableWith(app, { variables: { visits: 1, other: 'x' } });
    expect(sessionCookie).type.not.toBeCallableWith(app, { variables: { visits: 'one' } });
  });
});

describe('readSession()', () => {
  test('takes the responses of clients, and headers', () => {
    type Injected = Awaited<ReturnType<FastifyAdapter['inject']>>;
    expect(readSession(app, {} as SupertestResponse)).type.toBe<Promise<SessionService>>();
    expect(readSession).type.toBeCallableWith(app, {} as Injected);
    expect(readSession).type.toBeCallableWith(app, {} as Response);
    expect(readSession).type.toBeCallableWith(app, 'sid=x');
    expect(readSession).type.toBeCallableWith(app, ['sid=x; Path=/']);
    expect(readSession).type.not.toBeCallableWith(app, undefined);
    expect(readSession).type.not.toBeCallableWith(app, 7);
  });
});

describe('CountingAdapter', () => {
  test('is an adapter, around any other', () => {
    expect(CountingAdapter).type.toBeConstructableWith();
    expect(CountingAdapter).type.toBeConstructableWith(new MemoryAdapter());
    expect(CountingAdapter).type.not.toBeConstructableWith('memory');
    expect<CountingAdapter>().type.toBeAssignableTo<SessionAdapter>();
    expect(new CountingAdapter().count).type.toBeCallableWith('read');
    expect(new CountingAdapter().count).type.not.toBeCallableWith('write');
  });
});

describe('describeSessionAdapter()', () => {
  test('takes the functions of every test runner', () => {
    const create = () => new MemoryAdapter();
    expect(describeSessionAdapter).type.toBeCallableWith('memory', create);
    expect(describeSessionAdapter).type.toBeCallableWith('memory', create, {
      describe: nodeTest.describe,
      it: nodeTest.it,
    });
    expect(describeSessionAdapter).type.toBeCallableWith('memory', create, {
      describe: vitest.describe,
      it: vitest.it,
    });
    expect(describeSessionAdapter).type.not.toBeCallableWith('memory', () => 'memory');
  });
});
