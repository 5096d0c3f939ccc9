import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SessionContextException,
  SessionHeadersSentException,
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

  it('update() gives what was stored, as reading gives it', async () => {
    const watched = await new UnitSessions(adapter, {
      intercept: {
        get: (_, value) => `<${String(value)}>`,
        set: (_, value) => String(value).trim(),
      },
    }).open();
    const updated = await watched.update<string>('a', () => ' x ');
    expect([updated, watched.get('a')]).toEqual(['<x>', '<x>']);
    expect(await watched.bag('user').update('name', () => ' K ')).toBe('<K>');
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

  it('R16 with the headers gone, an update behind a destroy() begins no session', async () => {
    const { id } = await sessions.stored();
    const known = await sessions.open(id, { areHeadersSent: true });
    const destroyed = known.destroy();
    await expect(known.update('n', () => 1)).rejects.toThrow(SessionHeadersSentException);
    await destroyed;
    expect(adapter.count('create')).toBe(1);
  });
});
