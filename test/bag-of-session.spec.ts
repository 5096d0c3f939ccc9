import { beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { type Bag, SessionNotStartedException, type SessionService } from 'nestjs-session-bag';
import { createLateBag } from '../lib/bag.js';
import { CountingAdapter } from './support/counting-adapter.js';
import { UnitSessions } from './support/unit-session.js';

interface User {
  name: string;
  age: number;
  tags: string[];
}

let adapter: CountingAdapter;
let sessions: UnitSessions;
let session: SessionService;
let user: Bag<User>;

beforeEach(async () => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  session = await sessions.open();
  user = session.bag<User>('user');
});

describe('a bag and the session', () => {
  it('are one: the bag is the variable of its name', () => {
    user.name = 'Kimbra';
    expect(session.get('user')).toEqual({ name: 'Kimbra' });
    session.set('user', { name: 'Lee', age: 1 });
    expect([user.name, user.age]).toEqual(['Lee', 1]);
    Object.assign(session.get<User>('user') ?? {}, { age: 2 });
    expect(user.age).toBe(2);
    session.remove('user');
    expect(user.size).toBe(0);
  });

  it('the view is the same at every call, and holds through a destroy', async () => {
    expect(session.bag('user')).toBe(user);
    user.name = 'Kimbra';
    await session.save();
    await session.destroy();
    expect(user.size).toBe(0);
    user.name = 'Lee';
    expect(session.get('user')).toEqual({ name: 'Lee' });
  });

  it('an empty bag is no entry', async () => {
    user.name = 'Kimbra';
    user.remove('name');
    expect([session.has('user'), session.keys()]).toEqual([false, []]);
    await session.save();
    expect(adapter.count()).toBe(0);
  });

  it.each<[string, unknown]>([
    ['a string', 'text'],
    ['an array', [1]],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['null', null],
    ['false', false],
  ])('over %s every use of it throws a TypeError', async (_, value) => {
    session.set('user', value);
    const uses: (() => unknown)[] = [
      () => user.name,
      () => user.get('name'),
      () => user.has('name'),
      () => 'name' in user,
      () => (user.name = 'x'),
      () => user.remove('name'),
      () => user.clear(),
      () => user.init({ name: 'x' }),
      () => user.keys(),
      () => user.size,
      () => user.toJSON(),
      () => Object.keys(user),
    ];
    for (const use of uses) expect(use).toThrow(TypeError);
    expect(() => user.name).toThrow('The session\'s "user" is no bag');
    await expect(user.update('name', () => 'x')).rejects.toThrow(TypeError);
    expect(session.get('user')).toEqual(value);
  });

  it('is stored as plain data when it is set as a value', async () => {
    user.name = 'Kimbra';
    session.set('copy', user);
    user.name = 'Lee';
    expect(session.get('copy')).toEqual({ name: 'Kimbra' });
    await session.save();
    expect((await sessions.open(session.id)).get('copy')).toEqual({ name: 'Kimbra' });
  });

  it('gives the same object at every call, whose changes inside are stored', async () => {
    user.tags = ['a'];
    await session.save();
    const next = await sessions.open(session.id);
    const bag = next.bag<User>('user');
    expect(bag.tags).toBe(bag.get('tags'));
    expect(bag.tags).toBe(next.get<User>('user')?.tags);
    bag.tags?.push('b');
    await next.save();
    expect((await sessions.open(session.id)).get('user')).toEqual({ tags: ['a', 'b'] });
  });
});

describe('the persistent bag', () => {
  it('in the field of a singleton is the bag of the request that uses it, in every way', () => {
    let current = session;
    const late = createLateBag(() => current.persistent('Cart')) as Bag<User>;
    late.name = 'Kimbra';
    Object.defineProperty(late, 'age', { value: 22 });
    expect([late.name, late.get('age'), late.size]).toEqual(['Kimbra', 22, 2]);
    expect(['name' in late, 'tags' in late, Object.hasOwn(late, 'age')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([Object.keys(late), [...late]]).toEqual([
      ['name', 'age'],
      [
        ['name', 'Kimbra'],
        ['age', 22],
      ],
    ]);
    expect(JSON.stringify(late)).toBe('{"name":"Kimbra","age":22}');
    expect(inspect(late)).toBe("{ name: 'Kimbra', age: 22 }");
    expect(delete late.age).toBe(true);
    expect(session.bag<User>('copy').init(late).toJSON()).toEqual({ name: 'Kimbra' });
    expect(() => Object.freeze(late)).toThrow(TypeError);
    expect(() => Reflect.set(late, 'get', 1)).toThrow(TypeError);
    current = sessions.request();
    expect(() => late.name).toThrow(SessionNotStartedException);
    expect(inspect(late)).toBe('Bag {}');
  });

  it('is the variable persistent:ClassName', () => {
    class Cart {}
    const bag = session.persistent(Cart);
    bag['n'] = 1;
    expect(session.get('persistent:Cart')).toEqual({ n: 1 });
    expect(session.persistent('Cart')).toBe(bag);
    expect(() => session.persistent(class {})).toThrow(TypeError);
    for (const name of ['', undefined as never]) {
      expect(() => session.persistent(name)).toThrow('persistent() takes a class that has a name');
    }
  });
});
