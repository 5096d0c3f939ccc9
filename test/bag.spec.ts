import { beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import {
  type Bag,
  SessionBag,
  SessionSerializationException,
  type SessionService,
} from 'nestjs-session-bag';
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

describe('a bag as a plain object', () => {
  it('is read and written by its properties', () => {
    user.name = 'Kimbra';
    user.age = 22;
    expect([user.name, user.age, user.tags]).toEqual(['Kimbra', 22, undefined]);
    expect(delete user.age).toBe(true);
    expect(delete user.tags).toBe(true);
    expect(user.toJSON()).toEqual({ name: 'Kimbra' });
  });

  it('has variables as its own keys, and nothing else', () => {
    Object.assign(user, { name: 'Kimbra', age: 22 });
    expect(['name' in user, 'tags' in user, 'get' in user, 'toString' in user]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(Object.keys(user)).toEqual(['name', 'age']);
    expect(Reflect.ownKeys(user)).toEqual(['name', 'age']);
    // oxlint-disable-next-line typescript/no-misused-spread
    expect({ ...user }).toEqual({ name: 'Kimbra', age: 22 });
    expect(Object.hasOwn(user, 'name')).toBe(true);
    expect(Object.hasOwn(user, 'get')).toBe(false);
    const met: string[] = [];
    for (const name in user) met.push(name);
    expect(met).toEqual(['name', 'age']);
  });

  it('inherits what a plain object inherits', () => {
    // oxlint-disable-next-line typescript/no-base-to-string
    expect(String(user)).toBe('[object Object]');
    expect(user.constructor).toBe(Object);
    expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
    expect(Reflect.get(user, '__proto__')).toBeUndefined();
    user.name = 'Kimbra';
    expect(Object.prototype.hasOwnProperty.call(user, 'name')).toBe(true);
    expect(Object.prototype.propertyIsEnumerable.call(user, 'name')).toBe(true);
  });

  it('can be awaited, printed, stringified and copied', async () => {
    user.name = 'Kimbra';
    expect(await (user as unknown as Promise<object>)).toBe(user);
    expect(inspect(user)).toBe("{ name: 'Kimbra' }");
    expect(JSON.stringify({ user })).toBe('{"user":{"name":"Kimbra"}}');
    expect(Object.entries(user)).toEqual([['name', 'Kimbra']]);
    expect([...user]).toEqual([['name', 'Kimbra']]);
  });

  it('can be defined upon with values, not with accessors, and not frozen', () => {
    const define = (property: PropertyDescriptor) => Object.defineProperty(user, 'name', property);
    const value = { value: 'Kimbra', writable: true, enumerable: true, configurable: true };
    expect(Reflect.get(define(value), 'name')).toBe('Kimbra');
    expect(() => define({ get: () => 'x' })).toThrow('it cannot have accessors');
    expect(() => define({ set: () => {} })).toThrow(TypeError);
    expect(() => Object.freeze(user)).toThrow(TypeError);
  });

  it('knows no symbols', () => {
    const key = Symbol('key');
    expect(() => Reflect.set(user, key, 1)).toThrow(TypeError);
    expect([Reflect.get(user, key), Reflect.has(user, key)]).toEqual([undefined, false]);
    expect(Reflect.deleteProperty(user, key)).toBe(true);
  });
});

describe("a bag's methods", () => {
  it('get, set, has, remove and pull a variable', () => {
    expect(user.set('name', 'Kimbra')).toBe(user);
    expect([user.get('name'), user.has('name'), user.has('age')]).toEqual(['Kimbra', true, false]);
    expect([user.get('age', 7), user.get('name', 'nobody')]).toEqual([7, 'Kimbra']);
    expect([user.pull('name'), user.pull('name'), user.pull('age', 7)]).toEqual([
      'Kimbra',
      undefined,
      7,
    ]);
    user.age = 22;
    expect([user.remove('age'), user.remove('age')]).toEqual([true, false]);
  });

  it('set removes with undefined', () => {
    user.set('name', 'Kimbra').set('name', undefined);
    expect([user.has('name'), user.size]).toEqual([false, 0]);
  });

  it('keys, size, iteration and toJSON tell what is in it', () => {
    user.init({ name: 'Kimbra', age: 22 });
    expect([user.keys(), user.size]).toEqual([['name', 'age'], 2]);
    expect(new Map(user)).toEqual(new Map(Object.entries({ name: 'Kimbra', age: 22 })));
    const json = user.toJSON();
    json.name = 'changed';
    expect(user.name).toBe('Kimbra');
  });

  it('clear empties it; init replaces everything', () => {
    user.init({ name: 'Kimbra', age: 22 });
    expect(user.init({ tags: ['a'], age: undefined })).toBe(user);
    expect(user.toJSON()).toEqual({ tags: ['a'] });
    expect(user.clear()).toBe(user);
    expect([user.size, session.has('user')]).toEqual([0, false]);
  });

  it('init takes another bag, and itself', () => {
    user.init({ name: 'Kimbra', age: 22 });
    const copy = session.bag<User>('copy').init(user);
    expect(copy.toJSON()).toEqual({ name: 'Kimbra', age: 22 });
    user.init(user);
    expect(user.toJSON()).toEqual({ name: 'Kimbra', age: 22 });
  });

  it('init leaves the bag as it was when a value is refused', () => {
    user.init({ name: 'Kimbra', age: 22 });
    const tags = [new (class Tag {})()] as unknown as string[];
    expect(() => user.init({ age: 23, tags })).toThrow(SessionSerializationException);
    expect(() => user.init({ tags })).toThrow('user.tags[0] cannot be stored');
    expect(user.toJSON()).toEqual({ name: 'Kimbra', age: 22 });
    expect(() => user.init(null as never)).toThrow(TypeError);
    expect(user.size).toBe(2);
  });

  it.each<[string, unknown]>([
    ['a Map', new Map([['name', 'Lee']])],
    ['a Set', new Set(['name'])],
    ['an array', ['name']],
    ['a text', 'name'],
    ['a number', 1],
    ['a function', () => ({ name: 'Lee' })],
    ['a promise', Promise.resolve({ name: 'Lee' })],
    ['names that are symbols', { name: 'Lee', [Symbol('age')]: 1 }],
  ])('init refuses %s, which would leave it empty or half full', (_, values) => {
    user.init({ name: 'Kimbra', age: 22 });
    expect(() => user.init(values as never)).toThrow(TypeError);
    expect(user.toJSON()).toEqual({ name: 'Kimbra', age: 22 });
  });

  it('init takes the properties of an instance, and a variable that is called then', () => {
    class Dto {
      name = 'Kimbra';
      readonly #secret = 1;
      secret() {
        return this.#secret;
      }
    }
    expect(user.init(new Dto()).toJSON()).toEqual({ name: 'Kimbra' });
    const named: unknown = JSON.parse('{"then":"x"}');
    expect(
      session
        .bag('odd')
        .init(named as object)
        .toJSON(),
    ).toEqual(named);
  });

  it('update changes one variable atomically', async () => {
    await session.set('begun', true).save();
    const other = await sessions.open(session.id);
    await other.bag<User>('user').update('age', (age = 20) => age + 1);
    expect(await user.update('age', (age = 20) => age + 1)).toBe(22);
    expect(user.age).toBe(22);
  });
});

describe('variables that are named like methods', () => {
  it('are reached by get and set only; an assignment says so', () => {
    const bag = session.bag('odd');
    for (const name of ['get', 'size', 'toJSON', 'init']) {
      expect(() => Reflect.set(bag, name, 1)).toThrow(TypeError);
      expect(() => Reflect.set(bag, name, 1)).toThrow(`bag.set('${name}', value)`);
      expect(() => Reflect.deleteProperty(bag, name)).toThrow(TypeError);
      bag.set(name, name);
    }
    expect([bag.get('get'), bag.get('size'), bag.size]).toEqual(['get', 'size', 4]);
    expect(typeof bag.get).toBe('function');
    expect(['get' in bag, Object.keys(bag).length]).toEqual([true, 4]);
    expect(JSON.parse(JSON.stringify(bag))).toEqual({
      get: 'get',
      size: 'size',
      toJSON: 'toJSON',
      init: 'init',
    });
    expect(bag.remove('get')).toBe(true);
  });

  it('a variable "constructor" is one like any other', () => {
    const bag = session.bag('odd');
    Reflect.set(bag, 'constructor', 'mine');
    expect(bag['constructor']).toBe('mine');
    expect(bag.keys()).toEqual(['constructor']);
  });
});

describe('R7 names in a bag', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'valueOf'])(
    '%s is a variable like any other',
    async (name) => {
      const bag = session.bag('odd');
      expect([bag.has(name), bag.get(name), name in bag]).toEqual([false, undefined, false]);
      expect(bag.remove(name)).toBe(false);
      bag[name] = { polluted: true };
      expect([bag.has(name), name in bag, bag.get(name)]).toEqual([true, true, { polluted: true }]);
      expect(bag.keys()).toEqual([name]);
      await session.save();
      const next = (await sessions.open(session.id)).bag('odd');
      expect([next.has(name), next.get(name), next.size]).toEqual([true, { polluted: true }, 1]);
      expect(Object.getPrototypeOf(next.toJSON())).toBe(Object.prototype);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      expect(Reflect.deleteProperty(next, name)).toBe(true);
      expect(next.has(name)).toBe(false);
    },
  );

  it('an empty name, or one that is no string, is a TypeError', () => {
    expect(() => user.set('' as 'name', 'x')).toThrow(TypeError);
    expect(() => user.get(1 as never)).toThrow(TypeError);
    expect(() => session.bag('').get('x')).toThrow(TypeError);
  });

  it('R7 a name that is missing is a TypeError, and not the whole bag', async () => {
    user.name = 'Kimbra';
    const none = undefined as never;
    for (const act of [
      () => user.get(none),
      () => user.has(none),
      () => user.set(none, 'x' as never),
      () => user.remove(none),
      () => user.pull(none),
    ]) {
      expect(act).toThrow(TypeError);
    }
    await expect(user.update(none, () => 'x' as never)).rejects.toThrow(TypeError);
    expect(session.toJSON()).toEqual({ user: { name: 'Kimbra' } });
  });

  it.each(['', undefined, 1])('is no parameter of a handler under the name %j', (name) => {
    expect(() => SessionBag(name as string)).toThrow('@SessionBag() takes the name of a bag');
  });
});
