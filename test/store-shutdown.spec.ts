import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SESSION_ADAPTER, SessionModule, type SessionModuleOptions } from 'nestjs-session-bag';
import type { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { SessionStore } from '../lib/store/session-store.js';
import { beginSession, opens, processOf, startProcess } from './security/session-process.js';
import { CountingAdapter } from './support/counting-adapter.js';
import { failureOf } from './support/failure-of.js';

const STORE_TIMEOUT = 2000;

let context: INestApplicationContext | undefined;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});

afterEach(async () => {
  await context?.close();
  context = undefined;
  jest.useRealTimers();
});

async function start(options: SessionModuleOptions = {}): Promise<SessionStore> {
  class AppModule {}
  Module({ imports: [SessionModule.forRoot(options)] })(AppModule);
  context = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return context.get(SessionStore, { strict: false });
}

async function close(): Promise<void> {
  await context?.close();
  context = undefined;
}

describe('an application that ends', () => {
  it('closes its adapter when the store is through', async () => {
    const store = await start();
    const adapter = context?.get<MemoryAdapter>(SESSION_ADAPTER);
    const events: string[] = [];
    jest.spyOn(store, 'stop').mockImplementation(async () => {
      await Promise.resolve();
      events.push('through');
    });
    Object.assign(adapter ?? {}, { close: async () => void events.push('closed') });
    await close();
    expect(events).toEqual(['through', 'closed']);
  });

  it('asks the store nothing where nothing is left to do', async () => {
    const adapter = new CountingAdapter();
    await beginSession(processOf(await start({ adapter })), 'anna');
    adapter.reset();
    await close();
    expect(adapter.count()).toBe(0);
  });

  describe('while a move to a new id is to be taken back', () => {
    let adapter: CountingAdapter;
    let id: string;

    beforeEach(async () => {
      adapter = new CountingAdapter();
      const moving = await beginSession(processOf(await start({ adapter })));
      ({ id } = moving);
      // The old id is marked, the answer to that is lost, and the store is away from then on.
      adapter.planNext(
        'update',
        async (execute) => {
          await execute();
          adapter.isDown = true;
          throw adapter.fault;
        },
        moving.key,
      );
      await failureOf(moving.regenerate(true));
    });

    it('gives the session back', async () => {
      adapter.isDown = false;
      await close();
      expect(await opens(startProcess(adapter), id)).toBe(true);
    });

    it('tries it no more where the store stays away, and ends in time', async () => {
      await close();
      adapter.reset();
      await jest.advanceTimersByTimeAsync(5 * STORE_TIMEOUT);
      expect([adapter.count(), jest.getTimerCount()]).toEqual([0, 0]);
    });

    it('waits for one storeTimeout where the store does not answer', async () => {
      adapter.isDown = false;
      jest.spyOn(adapter, 'read').mockReturnValue(new Promise(() => {}));
      const closed = jest.fn();
      void close().then(closed);
      await jest.advanceTimersByTimeAsync(STORE_TIMEOUT - 1);
      expect(closed).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(1);
      expect(closed).toHaveBeenCalled();
    });
  });
});
