import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { type ExpressStore, fromExpressStore } from '../../lib/express-session/index.js';
import { failureOf } from '../support/failure-of.js';
import { startStopwatch } from '../support/stopwatch.js';

const KEY = 'sess:key-of-the-session';
const DATA = 'data-of-the-session';

/** A MemoryStore of which some methods do something else, and which notes what it is asked. */
class OddStore extends session.MemoryStore {
  readonly asked: string[] = [];

  constructor(odd: Partial<ExpressStore> = {}) {
    super();
    Object.assign(this, odd);
    for (const method of ['get', 'set', 'touch', 'destroy'] as const) this.#note(method);
  }

  #note(method: keyof ExpressStore): void {
    const original = this[method] as (...given: unknown[]) => unknown;
    this[method] = (...given: unknown[]) => {
      this.asked.push(method);
      return original.apply(this, given);
    };
  }
}

const fault = Object.assign(new Error(`no answer for ${KEY}`), { code: 'ECONNREFUSED' });

describe('fromExpressStore', () => {
  it.each([
    ['calls back with an error', (...given: unknown[]) => callbackOf(given)(fault)],
    ['rejects', () => Promise.reject(fault)],
    [
      'throws',
      () => {
        throw fault;
      },
    ],
  ])('R25 rejects when the store %s', async (_, fail) => {
    for (const method of ['get', 'set', 'destroy'] as const) {
      const adapter = fromExpressStore(new OddStore({ [method]: fail }));
      const call = {
        get: () => adapter.read(KEY),
        set: () => adapter.create(KEY, DATA, 60),
        destroy: () => adapter.destroy(KEY),
      }[method];
      const error = await failureOf(call());
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
      expect(`${error.stack}${String(error.cause)}`).not.toContain(KEY);
    }
  });

  it('R25 hands on what the store said when it read, and nothing of what it wrote', async () => {
    const quoting = (...given: unknown[]) =>
      callbackOf(given)(
        new Error(`cannot take ${JSON.stringify(given[1])} of ${String(given[0])}`),
      );
    const reading = await failureOf(fromExpressStore(new OddStore({ get: quoting })).read(KEY));
    expect(String(reading.cause)).toMatch(/cannot take .* of …$/);
    const store = new OddStore({ set: quoting, touch: quoting });
    const writing = await failureOf(fromExpressStore(store).create(KEY, DATA, 60));
    expect(String(writing.cause)).not.toMatch(/data-of|key-of/);
  });

  it.each([undefined, null, false])('takes %p for absent', async (answer) => {
    const store = new OddStore({ get: (_, callback) => callback(null, answer) });
    expect(await fromExpressStore(store).read(KEY)).toBeUndefined();
    expect(await fromExpressStore(store).read(KEY, 60)).toBeUndefined();
  });

  it('R25 tells a file that is not there from a socket that is not there', async () => {
    const missing = (syscall: string): ExpressStore =>
      new OddStore({
        get: (_, callback) =>
          callback(Object.assign(new Error('none'), { code: 'ENOENT', syscall })),
      });
    expect(await fromExpressStore(missing('open')).read(KEY)).toBeUndefined();
    await expect(fromExpressStore(missing('connect')).read(KEY)).rejects.toThrow(
      SessionStoreUnavailableException,
    );
  });

  it('R14 takes nothing for stored whose file could not be made', async () => {
    const error = Object.assign(new Error('none'), { code: 'ENOENT', syscall: 'open' });
    const store = new OddStore({ set: (_, __, callback) => callback?.(error) });
    await expect(fromExpressStore(store).create(KEY, 'data', 60)).rejects.toThrow(
      SessionStoreUnavailableException,
    );
  });

  it('R23 ends a call whose callback never comes, with all that waited for it, and goes on', async () => {
    const inner = new session.MemoryStore();
    let hangs = false;
    const get: ExpressStore['get'] = (sid, callback) => hangs || inner.get(sid, callback);
    const adapter = fromExpressStore(new OddStore({ get }), { storeTimeout: 50 });
    await fromExpressStore(inner).create(KEY, DATA, 60);
    hangs = true;
    const time = startStopwatch();
    const calls = Array.from({ length: 20 }, () => adapter.read(KEY, 60));
    const outcomes = await Promise.allSettled([...calls, adapter.destroy(KEY)]);
    expect(time()).toBeLessThan(1000);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    hangs = false;
    expect((await adapter.read(KEY, 60))?.data).toBe(DATA);
  });

  it('R12 sends no write after the time of its call is over', async () => {
    const answers: (() => void)[] = [];
    const store = new OddStore({ get: (_, callback) => void answers.push(() => callback(null)) });
    const adapter = fromExpressStore(store, { storeTimeout: 20 });
    await failureOf(adapter.create(KEY, DATA, 60));
    for (const answer of answers) answer();
    await new Promise(setImmediate);
    expect(store.asked).toEqual(['get']);
  });

  it('R22 touches once a tenth of the life has passed, and writes nothing', async () => {
    const store = new OddStore();
    const adapter = fromExpressStore(store);
    await adapter.create(KEY, DATA, 60);
    await adapter.read(KEY, 60);
    expect(store.asked).toEqual(['get', 'set', 'get']);
    await adapter.read(KEY, 100);
    expect(store.asked).toEqual(['get', 'set', 'get', 'get', 'touch']);
  });

  it('R22 accepts that a store with disableTouch extends a life by writing alone', async () => {
    const store = new OddStore({ touch: (_sid, _session, callback) => callback(null) });
    const adapter = fromExpressStore(store);
    await adapter.create(KEY, DATA, 1);
    expect((await adapter.read(KEY, 600))?.data).toBe(DATA);
    expect(expiryIn(store)).toBeLessThan(Date.now() + 1001);
    const { version = '' } = (await adapter.read(KEY)) ?? {};
    await adapter.update(KEY, DATA, 600, version);
    expect(expiryIn(store)).toBeGreaterThan(Date.now() + 500_000);
  });

  it('takes what other programs left under a key, or a touch that came too late, for none', async () => {
    const store = new OddStore();
    const adapter = fromExpressStore(store);
    const cookie = { originalMaxAge: 60_000 };
    await new Promise((done) => store.set(KEY, { cookie }, done));
    expect(await adapter.read(KEY)).toBeUndefined();
    expect(await adapter.update(KEY, DATA, 60, 'undefined')).toBe(false);
    expect(await adapter.create(KEY, DATA, 60)).toBe(true);
  });

  it('loses an update of another process that comes between reading and writing, as documented', async () => {
    const store = new session.MemoryStore();
    const [one, other] = [fromExpressStore(store), fromExpressStore(store)];
    await one.create(KEY, DATA, 60);
    const { version = '' } = (await one.read(KEY)) ?? {};
    const answers = [one.update(KEY, 'one', 60, version), other.update(KEY, 'other', 60, version)];
    expect(await Promise.all(answers)).toEqual([true, true]);
  });

  it('gives the store a cookie by which every kind of store finds the end', async () => {
    const store = new OddStore();
    await fromExpressStore(store).create(KEY, DATA, 60);
    const cookie = cookieIn(store);
    expect(cookie).toMatchObject({ originalMaxAge: 60_000, maxAge: 60_000, path: '/' });
    expect(Math.abs(expiryIn(store) - Date.now() - 60_000)).toBeLessThan(5000);
  });

  it('asks the store when it is opened', async () => {
    await expect(fromExpressStore(new OddStore()).open?.()).resolves.toBeUndefined();
    const down = new OddStore({ get: (_, callback) => callback(fault) });
    await expect(fromExpressStore(down).open?.()).rejects.toThrow(SessionStoreUnavailableException);
  });

  it.each([undefined, {}, session.MemoryStore])('refuses what is no store: %p', (store) => {
    expect(() => fromExpressStore(store as unknown as ExpressStore)).toThrow(
      InvalidSessionOptionsException,
    );
  });

  it.each([0, -1, Number.NaN, 2 ** 31])('refuses a storeTimeout of %p', (storeTimeout) => {
    const store = new session.MemoryStore();
    expect(() => fromExpressStore(store, { storeTimeout })).toThrow(/storeTimeout/);
  });
});

function callbackOf(given: unknown[]): (error: unknown) => void {
  return given.at(-1) as (error: unknown) => void;
}

/** Milliseconds since 1970. */
function expiryIn(store: OddStore): number {
  return new Date(cookieIn(store).expires).getTime();
}

/** Of the only session that is in the store. */
function cookieIn(store: OddStore): { readonly expires: string } {
  const { sessions } = store as unknown as { sessions: Record<string, string> };
  const [text = ''] = Object.values(sessions);
  return (JSON.parse(text) as { cookie: { expires: string } }).cookie;
}
