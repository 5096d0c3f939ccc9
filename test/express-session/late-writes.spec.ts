import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import session from 'express-session';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { fromExpressStore } from '../../lib/express-session/index.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { failureOf } from '../support/failure-of.js';

const KEY = 'sess:key-of-the-session';

/** Milliseconds for a call, which pass only where a test says so. */
const TIME = 10_000;

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
  jest.useFakeTimers({ doNotFake: ['Date', 'performance', 'nextTick', 'setImmediate'] });
  store = new PooledStore();
  adapter = fromExpressStore(store, { storeTimeout: TIME });
  await adapter.create(KEY, 'old', 60);
});

afterEach(() => {
  jest.useRealTimers();
});

async function currentVersion(): Promise<string | number> {
  return (await adapter.read(KEY))?.version ?? '';
}

/** A call that does not get its answer in time; that passes once the store is asked. */
async function late(call: Promise<unknown>, asked?: Promise<void>): Promise<Error> {
  const failure = failureOf(call);
  await asked;
  await jest.advanceTimersByTimeAsync(TIME);
  const error = await failure;
  expect(error).toBeInstanceOf(SessionStoreUnavailableException);
  return error;
}

/** A call that the store has not carried out when its time is over. */
async function heldBack(method: Method, call: () => Promise<unknown>): Promise<void> {
  const asked = store.hold(method);
  await late(call(), asked);
}

async function lateUpdate(): Promise<void> {
  const version = await currentVersion();
  await heldBack('set', () => adapter.update(KEY, 'late', 60, version));
}

describe('R14 a write that a store carries out after its time', () => {
  it('overwrites nothing that was accepted meanwhile', async () => {
    await lateUpdate();
    const version = await currentVersion();
    const after = await late(adapter.update(KEY, 'after it', 60, version));
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
    await late(adapter.destroy(KEY));
    const destroyed = adapter.destroy(KEY);
    store.release();
    await destroyed;
    expect(await adapter.read(KEY)).toBeUndefined();
  });

  it('R12 takes nothing away that was created meanwhile', async () => {
    await heldBack('destroy', () => adapter.destroy(KEY));
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
    await heldBack('touch', () => adapter.read(KEY, 600));
    await late(adapter.update(KEY, 'refused', 60, await currentVersion()));
    expect((await adapter.read(KEY))?.data).toBe('old');
    const next = adapter.update(KEY, 'next', 60, await currentVersion());
    store.release();
    expect(await next).toBe(true);
  });

  it('R23 is waited for a quarter of an hour at the most', async () => {
    await lateUpdate();
    await jest.advanceTimersByTimeAsync(15 * 60_000 - 1);
    const next = adapter.update(KEY, 'next', 60, await currentVersion());
    await jest.advanceTimersByTimeAsync(0);
    expect((await adapter.read(KEY))?.data).toBe('old');
    await jest.advanceTimersByTimeAsync(1);
    expect(await next).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
