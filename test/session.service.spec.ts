import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SessionContextException,
  SessionHeadersSentException,
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

describe('setLifetime()', () => {
  it.each([0, -1, 1.5, Number.NaN, Infinity, 86_401, '60'])('refuses %p', (seconds) => {
    expect(() => session.setLifetime(seconds as number)).toThrow(RangeError);
  });

  it('is kept in the record, and counts for the record itself', async () => {
    expect(session.set('n', 1).setLifetime(7200)).toBe(session);
    await session.save();
    expect(adapter.calls).toEqual([expect.objectContaining({ method: 'create', ttl: 7200 })]);
    const next = await sessions.open(session.id);
    const left = (next.expiresAt?.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(7_190_000);
    next.setLifetime(60);
    await next.save();
    expect(adapter.calls.at(-1)).toMatchObject({ method: 'update', ttl: 60 });
  });

  it('may be anything where there is no absolute end', async () => {
    const endless = await new UnitSessions(adapter, { absoluteLifetime: false }).open();
    expect(() => endless.setLifetime(1e9)).not.toThrow();
  });
});

describe('R10 uniqueId', () => {
  const one = () => new UnitSessions(adapter, { scope: 'one#' });
  const two = () => new UnitSessions(adapter, { scope: 'two#' });

  it('applications see their own variables only, and lose nothing when both write', async () => {
    const first = await one().stored({ n: 1, mine: 1 });
    const [ofOne, ofTwo] = await Promise.all([one().open(first.id), two().open(first.id)]);
    expect([ofTwo.size, ofTwo.has('n'), ofTwo.toJSON()]).toEqual([0, false, {}]);
    ofOne.set('n', 2);
    ofTwo.set('n', 3).bag('user').set('name', 'K');
    await Promise.all([ofOne.save(), ofTwo.save()]);
    expect((await one().open(first.id)).toJSON()).toEqual({ stored: true, n: 2, mine: 1 });
    expect((await two().open(first.id)).toJSON()).toEqual({ n: 3, user: { name: 'K' } });
    expect((await sessions.open(first.id)).keys().toSorted()).toEqual(
      ['one#mine', 'one#n', 'one#stored', 'two#n', 'two#user'].toSorted(),
    );
  });

  it('clear() removes what is its own, newer variables included; destroy() ends it all', async () => {
    const { id } = await one().stored({ n: 1 });
    const ofTwo = await two().open(id);
    ofTwo.set('n', 2);
    await ofTwo.save();
    const [clearing, writing] = await Promise.all([one().open(id), one().open(id)]);
    writing.set('late', 1);
    await writing.save();
    clearing.clear().set('after', 1);
    await clearing.save();
    expect((await one().open(id)).toJSON()).toEqual({ after: 1 });
    expect((await two().open(id)).toJSON()).toEqual({ n: 2 });
    await (await one().open(id)).destroy();
    expect((await two().open(id)).isNew).toBe(true);
  });

  it('a name that begins with the id of another application is still its own', async () => {
    const { id } = await one().stored({ 'two#n': 1, 'one#n': 2, '#': 3 });
    expect((await one().open(id)).toJSON()).toMatchObject({ 'two#n': 1, 'one#n': 2, '#': 3 });
    expect((await two().open(id)).size).toBe(0);
  });
});

describe('intercept', () => {
  it('sees every variable as it is read and written; what it returns is used', async () => {
    const get = jest.fn((_: string, value: unknown) => `<${String(value)}>`);
    const set = jest.fn((_: string, value: unknown) => String(value).toUpperCase());
    const watched = await new UnitSessions(adapter, {
      scope: 'app#',
      intercept: { get, set },
    }).open();
    watched.set('a', 'x');
    watched.bag('user')['name'] = 'kimbra';
    expect([watched.get('a'), watched.bag('user')['name']]).toEqual(['<X>', '<KIMBRA>']);
    expect(set.mock.calls).toEqual([
      ['a', 'x'],
      ['user.name', 'kimbra'],
    ]);
    expect(get.mock.calls).toEqual([
      ['a', 'X'],
      ['user.name', 'KIMBRA'],
    ]);
    await watched.update('a', (value) => `${String(value)}+`);
    expect((await sessions.open(watched.id)).toJSON()).toEqual({
      'app#a': '<X>+',
      'app#user': { name: 'KIMBRA' },
    });
  });

  it('is not asked for what is not there, and removes with undefined', async () => {
    const get = jest.fn();
    const set = jest.fn((_: string, value: unknown) => (value === 'drop' ? undefined : value));
    const watched = await new UnitSessions(adapter, { intercept: { get, set } }).open();
    expect(watched.get('a', 'fallback')).toBe('fallback');
    watched.set('a', 'x').set('a', 'drop').set('b', undefined);
    expect([watched.has('a'), get.mock.calls.length, set.mock.calls.length]).toEqual([false, 0, 2]);
  });

  it('refuses by throwing, and cannot return what is not storable', async () => {
    const set = (name: string, value: unknown): unknown => {
      if (name === 'user.age') throw new RangeError('no age');
      return name === 'later' ? Promise.resolve(value) : value;
    };
    const watched = await new UnitSessions(adapter, { intercept: { set } }).open();
    const user = watched.bag<{ age: number; name: string }>('user');
    user.name = 'Kimbra';
    expect(() => (user.age = 1)).toThrow(RangeError);
    expect(() => user.init({ name: 'Lee', age: 1 })).toThrow(RangeError);
    await expect(user.update('age', () => 1)).rejects.toThrow(RangeError);
    expect(() => watched.set('later', 1)).toThrow(SessionSerializationException);
    expect(watched.toJSON()).toEqual({ user: { name: 'Kimbra' } });
  });
});

describe('R3 after the response', () => {
  it('writing throws, reading works', async () => {
    const { id } = await sessions.stored({ n: 1, user: { name: 'K' } });
    const host = { isEnded: false };
    const ended = await sessions.open(id, host);
    host.isEnded = true;
    const writes: (() => unknown)[] = [
      () => ended.set('n', 2),
      () => ended.remove('n'),
      () => ended.pull('n'),
      () => ended.clear(),
      () => ended.setLifetime(60),
      () => (ended.bag('user')['name'] = 'L'),
      () => ended.bag('user').clear(),
      () => ended.bag('user').init({}),
      () => delete ended.bag('user')['name'],
    ];
    for (const write of writes) expect(write).toThrow(SessionContextException);
    expect([ended.get('n'), ended.bag('user')['name']]).toEqual([1, 'K']);
  });

  it('R16 with the headers gone, no session begins and no id changes, without a store call', async () => {
    const { id } = await sessions.stored();
    adapter.reset();
    const late = await sessions.open(undefined, { areHeadersSent: true });
    expect(() => late.set('n', 1)).toThrow(SessionHeadersSentException);
    const known = await sessions.open(id, { areHeadersSent: true });
    adapter.reset();
    await expect(known.regenerateId()).rejects.toThrow(SessionHeadersSentException);
    await expect(known.login('kimbra')).rejects.toThrow(SessionHeadersSentException);
    expect(adapter.count()).toBe(0);
    known.set('n', 1);
    await known.save();
    expect((await sessions.open(id)).get('n')).toBe(1);
  });
});
