import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import session from 'express-session';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { fromExpressStore } from '../../lib/express-session/index.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { failureOf } from '../support/failure-of.js';

const KEY = 'sess:key-of-the-session';

type Method = 'set' | 'destroy' | 'touch';

/** A store without order: it carries out the next call of a method when it is told to. */
class PooledStore extends session.MemoryStore {
  #held: Method | undefined;
  #arrive = (): void => {};
  #release = (): void => {};

  /** Gives what resolves when the call has come. */
  hold(method: Method): Promise<void> {
    this.#held = method;
    return new Promise((resolve) => (this.#arrive = resolve));
  }

  /** Carries it out now. */
  release(): void {
    this.#release();
  }

  override set(...given: Parameters<session.MemoryStore['set']>): void {
    this.#do('set', () => super.set(...given));
  }

  override destroy(...given: Parameters<session.MemoryStore['destroy']>): void {
    this.#do('destroy', () => super.destroy(...given));
  }

  override touch(...given: Parameters<session.MemoryStore['touch']>): void {
    this.#do('touch', () => super.touch(...given));
  }

  #do(method: Method, execute: () => void): void {
    if (this.#held !== method) return execute();
    this.#held = undefined;
    this.#release = execute;
    this.#arrive();
  }
}

let store: PooledStore;
let adapter: SessionAdapter;

beforeEach(async () => {
  store = new PooledStore();
  adapter = fromExpressStore(store, { storeTimeout: 30 });
  await adapter.create(KEY, 'old', 60);
});

afterEach(() => {
  jest.useRealTimers();
});

async function currentVersion(): Promise<string | number> {
  return (await adapter.read(KEY))?.version ?? '';
}

/** An update that the store has not carried out when its time is over. */
async function lateUpdate(): Promise<void> {
  void store.hold('set');
  const late = adapter.update(KEY, 'late', 60, await currentVersion());
  expect(await failureOf(late)).toBeInstanceOf(SessionStoreUnavailableException);
}

describe('R14 a write that a store carries out after its time', () => {
  it('overwrites nothing that was accepted meanwhile', async () => {
    await lateUpdate();
    const version = await currentVersion();
    const after = await failureOf(adapter.update(KEY, 'after it', 60, version));
    expect(after).toBeInstanceOf(SessionStoreUnavailableException);
    expect(after.message).toMatch(/still under way/);
    store.release();
    expect((await adapter.read(KEY))?.data).toBe('late');
    expect(await adapter.update(KEY, 'after it', 60, version)).toBe(false);
    expect(await adapter.update(KEY, 'after it', 60, await currentVersion())).toBe(true);
    expect((await adapter.read(KEY))?.data).toBe('after it');
  });

  it('is waited for by the next one', async () => {
    await lateUpdate();
    const next = adapter.update(KEY, 'next', 60, await currentVersion());
    store.release();
    expect(await next).toBe(false);
  });

  it('R12 brings nothing back that was destroyed meanwhile', async () => {
    await lateUpdate();
    expect(await failureOf(adapter.destroy(KEY))).toBeInstanceOf(SessionStoreUnavailableException);
    const destroyed = adapter.destroy(KEY);
    store.release();
    await destroyed;
    expect(await adapter.read(KEY)).toBeUndefined();
  });

  it('R12 takes nothing away that was created meanwhile', async () => {
    void store.hold('destroy');
    await failureOf(adapter.destroy(KEY));
    const created = adapter.create(KEY, 'new', 60);
    store.release();
    expect(await created).toBe(true);
    expect((await adapter.read(KEY))?.data).toBe('new');
  });

  it('R23 keeps nobody from reading, who then extends no life, nor from another session', async () => {
    await lateUpdate();
    void store.hold('touch');
    expect((await adapter.read(KEY, 600))?.data).toBe('old');
    expect(await adapter.create('sess:another', 'data', 60)).toBe(true);
  });

  it('may be a touch, too', async () => {
    void store.hold('touch');
    await failureOf(adapter.read(KEY, 600));
    const version = await currentVersion();
    await failureOf(adapter.update(KEY, 'refused', 60, version));
    expect((await adapter.read(KEY))?.data).toBe('old');
    const next = adapter.update(KEY, 'next', 60, await currentVersion());
    store.release();
    expect(await next).toBe(true);
  });

  it('R23 is waited for a quarter of an hour at the most', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'performance', 'nextTick', 'setImmediate'] });
    adapter = fromExpressStore(store, { storeTimeout: 10_000 });
    const held = store.hold('set');
    const late = failureOf(adapter.update(KEY, 'late', 60, await currentVersion()));
    await held;
    await jest.advanceTimersByTimeAsync(10_000);
    await late;
    await jest.advanceTimersByTimeAsync(15 * 60_000 - 1);
    const next = adapter.update(KEY, 'next', 60, await currentVersion());
    await jest.advanceTimersByTimeAsync(0);
    expect((await adapter.read(KEY))?.data).toBe('old');
    await jest.advanceTimersByTimeAsync(1);
    expect(await next).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
