import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  SessionNotStartedException,
  SessionSerializationException,
  type SessionService,
} from 'nestjs-session-bag';
import { CountingAdapter } from './support/counting-adapter.js';
import { UnitSessions } from './support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;
let session: SessionService;

beforeEach(async () => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  session = await sessions.open();
});

describe('start()', () => {
  it('R2 reads once, however often it is called', async () => {
    const { id } = await sessions.stored({ n: 1 });
    adapter.reset();
    const request = sessions.request(id);
    expect(request.start()).toBe(request.start());
    expect(await request.start()).toBe(request);
    expect(adapter.count()).toBe(1);
    expect([request.isStarted, request.isNew, request.get('n')]).toEqual([true, false, 1]);
  });

  it('R2 without an id makes no store call', () => {
    expect([session.isStarted, session.isNew, session.id, session.key]).toEqual([
      true,
      true,
      '',
      '',
    ]);
    expect(adapter.count()).toBe(0);
  });

  it('R3 before it every use throws SessionNotStartedException', async () => {
    const request = sessions.request('x'.repeat(43));
    const uses: (() => unknown)[] = [
      () => request.get('n'),
      () => request.get('n', 1),
      () => request.pull('n'),
      () => request.set('n', 1),
      () => request.has('n'),
      () => request.remove('n'),
      () => request.keys(),
      () => request.size,
      () => request.clear(),
      () => request.toJSON(),
      () => request.setLifetime(60),
      () => request.bag('user').get('n'),
      () => request.persistent('Cart').set('n', 1),
    ];
    for (const use of uses) expect(use).toThrow(SessionNotStartedException);
    const waits = [
      () => request.update('n', () => 1),
      () => request.save(),
      () => request.destroy(),
      () => request.logout(),
      () => request.regenerateId(),
      () => request.login('kimbra'),
    ];
    for (const use of waits) await expect(use()).rejects.toThrow(SessionNotStartedException);
    expect([request.id, request.key, request.isStarted]).toEqual(['', '', false]);
    expect([request.createdAt, request.expiresAt, request.owner, request.loggedInAt]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(request.name).toBe('sid');
    expect(adapter.count()).toBe(0);
  });
});

describe('R6 variables', () => {
  it.each([[null], [0], [''], [false]])('%j is a value', async (value) => {
    session.set('v', value);
    expect([session.has('v'), session.get('v'), session.get('v', 'fallback')]).toEqual([
      true,
      value,
      value,
    ]);
    await session.save();
    const next = await sessions.open(session.id);
    expect([next.has('v'), next.get('v', 'fallback'), next.keys()]).toEqual([true, value, ['v']]);
    expect(next.pull('v', 'fallback')).toBe(value);
    expect(next.has('v')).toBe(false);
  });

  it('undefined is absence: setting it removes', async () => {
    session.set('kept', 1).set('v', 1).set('v', undefined);
    expect([session.has('v'), session.get('v'), session.get('v', 7), session.size]).toEqual([
      false,
      undefined,
      7,
      1,
    ]);
    await session.save();
    const next = await sessions.open(session.id);
    next.set('kept', undefined);
    await next.save();
    expect((await sessions.open(session.id)).toJSON()).toEqual({});
  });

  it('pull gets and removes; remove tells whether there was one', async () => {
    session.set('a', 1);
    expect([session.pull('a'), session.pull('a'), session.pull('a', 2)]).toEqual([1, undefined, 2]);
    session.set('a', 1);
    expect([session.remove('a'), session.remove('a')]).toEqual([true, false]);
  });

  it('keys, size, toJSON and clear', () => {
    session.set('a', 1).set('b', { c: 2 });
    expect([session.keys(), session.size]).toEqual([['a', 'b'], 2]);
    const json = session.toJSON();
    expect(json).toEqual({ a: 1, b: { c: 2 } });
    delete json['a'];
    expect(session.size).toBe(2);
    expect(session.clear()).toBe(session);
    expect(session.toJSON()).toEqual({});
  });

  it.each([['__proto__'], ['constructor'], ['toString'], ['hasOwnProperty'], ['then']])(
    'R7 %s is a name like any other',
    async (name) => {
      expect([session.has(name), session.get(name), session.remove(name)]).toEqual([
        false,
        undefined,
        false,
      ]);
      session.set(name, { polluted: true });
      expect(Object.getPrototypeOf(session.toJSON())).toBe(Object.prototype);
      await session.save();
      const next = await sessions.open(session.id);
      expect([next.has(name), next.get(name), next.keys()]).toEqual([
        true,
        { polluted: true },
        [name],
      ]);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );

  it.each([[''], [undefined], [1], [null], [{}]])('R7 %j is no name', (name) => {
    const wrong = name as string;
    for (const use of [
      () => session.get(wrong),
      () => session.set(wrong, 1),
      () => session.has(wrong),
      () => session.remove(wrong),
    ]) {
      expect(use).toThrow(TypeError);
    }
  });

  it('R8 a refused value changes nothing', async () => {
    session.set('cart', { items: [1] });
    const wrong = { items: [{}, {}, { price: () => 1 }] };
    expect(() => session.set('cart', wrong)).toThrow(SessionSerializationException);
    expect(() => session.set('cart', wrong)).toThrow('cart.items[2].price');
    expect(() => session.bag('user').set('cart', wrong)).toThrow('user.cart.items[2].price');
    await session.save();
    expect((await sessions.open(session.id)).toJSON()).toEqual({ cart: { items: [1] } });
  });

  it('R8 what was put inside later is refused at the commit, and nothing is stored', async () => {
    session.set('cart', { items: [] as unknown[] });
    await session.save();
    session.set('other', 1);
    const cart = session.get<{ items: unknown[] }>('cart');
    cart?.items.push(() => 1);
    adapter.reset();
    await expect(session.save()).rejects.toThrow('cart.items[0] cannot be stored');
    await expect(session.update('other', () => 2)).rejects.toThrow(SessionSerializationException);
    expect(adapter.count('update')).toBe(0);
    cart?.items.pop();
    await session.save();
    expect((await sessions.open(session.id)).toJSON()).toEqual({ cart: { items: [] }, other: 1 });
  });
});

describe('R4 what is stored', () => {
  it('is nothing as long as nothing is in it', async () => {
    session.set('a', 1).remove('a');
    session.clear();
    session.setLifetime(60);
    await session.save();
    await session.regenerateId();
    expect([adapter.count(), session.id, session.isNew]).toEqual([0, '', true]);
  });

  it('stays, even empty', async () => {
    const { id } = await sessions.stored();
    const next = await sessions.open(id);
    next.clear();
    await next.save();
    expect((await sessions.open(id)).isNew).toBe(false);
    expect(adapter.count('destroy')).toBe(0);
  });

  it('is not written again without a change', async () => {
    const { id } = await sessions.stored({ list: [1] });
    const next = await sessions.open(id);
    adapter.reset();
    next.get('list');
    next.toJSON();
    await next.save();
    await next.save();
    expect(adapter.count()).toBe(0);
  });

  it('bears a key that opens nothing', async () => {
    session.set('a', 1);
    await session.save();
    expect(session.id).toMatch(/^[\w-]{43}$/);
    expect(session.key).toMatch(/^sess:[\w-]{43}$/);
    const { data } = (await adapter.peek(session.key)) ?? { data: '' };
    expect(data).toContain('"a":1');
    expect(data).not.toContain(session.id);
    expect((await sessions.open(session.key.slice(5))).isNew).toBe(true);
  });
});

describe('destroy()', () => {
  it('leaves a new, started, empty session that begins with the next write', async () => {
    const { id, key } = await sessions.stored({ n: 1 });
    const ended = await sessions.open(id);
    await ended.destroy();
    expect(await adapter.peek(key)).toBeUndefined();
    adapter.reset();
    expect([ended.id, ended.key, ended.isStarted, ended.isNew]).toEqual(['', '', true, true]);
    expect([ended.get('n'), ended.size, ended.owner]).toEqual([undefined, 0, undefined]);
    expect(adapter.count()).toBe(0);
    ended.set('fresh', 1);
    await ended.save();
    expect([ended.id === id, ended.id.length]).toEqual([false, 43]);
    expect((await sessions.open(ended.id)).toJSON()).toEqual({ fresh: 1 });
  });

  it('makes no store call where nothing is stored, and forgets what was pending', async () => {
    session.set('n', 1);
    await session.logout();
    expect([session.size, adapter.count()]).toEqual([0, 0]);
  });
});
