import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import { OwnLifetimes } from '../../lib/store/own-lifetimes.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { UnitSessions } from '../support/unit-session.js';

const IDLE = 100;
const OWN = 10_000;

let store: CountingAdapter;
let sessions: UnitSessions;
let elsewhere: UnitSessions;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'queueMicrotask', 'setImmediate'] });
  store = new CountingAdapter();
  sessions = new UnitSessions(store, { lifetime: IDLE });
  elsewhere = new UnitSessions(store, { lifetime: IDLE });
});

afterEach(() => {
  jest.useRealTimers();
});

/** The id of a session with a lifetime of its own, which `sessions` has stored. */
async function remembered(seconds = OWN): Promise<string> {
  const { id } = await sessions.stored();
  const session = await sessions.open(id);
  await session.setLifetime(seconds).save();
  store.reset();
  return id;
}

/** Another process reads it with the usual lifetime, and then the store is away. */
async function failAfterFirstRead(id: string): Promise<void> {
  store.planNext('read', async (execute) => {
    const found = await execute();
    store.isDown = true;
    return found;
  });
  await expect(elsewhere.open(id)).rejects.toThrow(SessionStoreUnavailableException);
}

/** Method and ttl of each call since the last look. */
function asked(): unknown[] {
  const calls = store.calls.map(({ method, ttl }) => [method, ttl]);
  store.reset();
  return calls;
}

describe('R22 a session with a lifetime of its own', () => {
  it.each([OWN, 10])('of %i seconds costs no more commands than any other', async (seconds) => {
    const id = await remembered(seconds);
    await sessions.open(id);
    expect(asked()).toEqual([['read', seconds]]);
    await (await sessions.open(id)).set('a', 1).save();
    expect(asked()).toEqual([
      ['read', seconds],
      ['update', seconds],
    ]);
    sessions.request(id);
    expect(asked()).toEqual([]);
  });

  it('costs no more from its creation on, nor after a new id', async () => {
    const session = await sessions.open();
    await session.set('a', 1).setLifetime(OWN).save();
    store.reset();
    const again = await sessions.open(session.id);
    expect(asked()).toEqual([['read', OWN]]);
    await again.regenerateId();
    store.reset();
    await sessions.open(again.id);
    expect(asked()).toEqual([['read', OWN]]);
  });

  it('is read again where this process has not seen it yet, once', async () => {
    const id = await remembered();
    await elsewhere.open(id);
    expect(asked()).toEqual([
      ['read', IDLE],
      ['read', OWN],
    ]);
    await elsewhere.open(id);
    expect(asked()).toEqual([['read', OWN]]);
  });

  it('is read again where another process has given it another one', async () => {
    const id = await remembered();
    await (await elsewhere.open(id)).setLifetime(200).save();
    store.reset();
    await sessions.open(id);
    expect(asked()).toEqual([
      ['read', OWN],
      ['read', 200],
    ]);
    await sessions.open(id);
    expect(asked()).toEqual([['read', 200]]);
  });

  it('reaches no further than its absolute end when it is read', async () => {
    const id = await remembered();
    jest.setSystemTime(Date.now() + 5000_000);
    const short = new UnitSessions(store, { lifetime: IDLE, absoluteLifetime: 6000 });
    await short.open(id);
    store.reset();
    await short.open(id);
    expect(asked()).toEqual([['read', 1000]]);
  });

  it('is given its life back where the store fails right after the first read', async () => {
    const id = await remembered();
    await failAfterFirstRead(id);
    store.isDown = false;
    await jest.advanceTimersByTimeAsync(2000);
    await jest.advanceTimersByTimeAsync(1000 * (OWN - 1000));
    expect((await elsewhere.open(id)).get('stored')).toBe(true);
  });

  it('R20 can be put back for as long as it would have lived where a move to a new id fails', async () => {
    const id = await remembered();
    const session = await sessions.open(id);
    store.reset();
    await session.regenerateId();
    expect(asked()).toEqual([
      ['create', OWN],
      ['update', OWN],
      ['destroy', undefined],
    ]);
  });

  it('is tried for until the store is there, and no longer than somebody else has cared', async () => {
    const id = await remembered();
    await failAfterFirstRead(id);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(store.count('read')).toBeGreaterThan(3);
    store.isDown = false;
    await elsewhere.open(id);
    store.reset();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked()).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is known while it is among the latest 10,000, and not for ever', () => {
    const known = new OwnLifetimes();
    const use = (key: string) => known.note(key, { createdAt: 0, lifetime: OWN });
    const useOthers = (name: string, count: number) => {
      for (let i = 0; i < count; i++) use(`${name}-${i}`);
    };
    use('key');
    useOthers('first', 9_999);
    use('key');
    useOthers('second', 9_999);
    expect(known.of('key')?.lifetime).toBe(OWN);
    useOthers('third', 10_001);
    expect(known.of('key')).toBeUndefined();
  });
});
