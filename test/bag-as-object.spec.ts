import { beforeEach, describe, expect, it } from '@jest/globals';
import { deepStrictEqual } from 'node:assert';
import { format, inspect, isDeepStrictEqual } from 'node:util';
import { createLateBag } from '../lib/bag.js';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { UnitSessions } from './support/unit-session.js';

type Named = Record<string, unknown>;

const filled = (): Named => ({ name: 'Kimbra', age: 22, tags: ['a'] });
const symbol = Symbol('kind');

/** Each gives something that is compared with what a plain object gives, as is the object afterwards. */
const asOnPlainObject: Readonly<Record<string, (object: Named) => unknown>> = {
  'an unset name': (object) => object['nobody'],
  'an unset __proto__ in the names': (object) => Object.hasOwn(object, '__proto__'),
  'unset names that are inherited': (object) =>
    ['constructor', 'toString', 'valueOf', 'hasOwnProperty'].map((name) => object[name]),
  'what others look for to tell a promise or a React element': (object) => [
    object['then'],
    object['$$typeof'],
  ],
  'the prototype': (object) => Object.getPrototypeOf(object) as unknown,
  'the prototype that it has already': (object) =>
    Object.setPrototypeOf(object, Object.prototype) === object,
  instanceof: (object) => [object instanceof Object, object instanceof Map],
  'isPrototypeOf, propertyIsEnumerable and hasOwnProperty': (object) => [
    Object.prototype.isPrototypeOf(object),
    object.propertyIsEnumerable('name'),
    object.hasOwnProperty('name'),
    object.hasOwnProperty('nobody'),
  ],
  // oxlint-disable-next-line typescript/no-base-to-string
  'as a text': (object) => [String(object), typeof object],
  'as a tag': (object) => Object.prototype.toString.call(object),
  keys: (object) => [
    Object.keys(object),
    Object.getOwnPropertyNames(object),
    Object.getOwnPropertySymbols(object),
    Reflect.ownKeys(object),
    Object.values(object),
    Object.entries(object),
  ],
  descriptors: (object) => Object.getOwnPropertyDescriptors(object),
  'a missing descriptor': (object) => Object.getOwnPropertyDescriptor(object, 'nobody'),
  copies: (object) => [{ ...object }, Object.assign({}, object)],
  rest: ({ name, ...rest }) => [name, rest],
  JSON: (object) => JSON.stringify({ object, list: [object] }),
  printed: (object) => [inspect(object), inspect({ list: [object] }), format('%o %j', 1, object)],
  compared: (object) => [
    isDeepStrictEqual(object, filled()),
    isDeepStrictEqual(filled(), object),
    isDeepStrictEqual(object, {}),
  ],
  'extensible, not frozen': (object) => [
    Object.isExtensible(object),
    Object.isFrozen(object),
    Object.isSealed(object),
  ],
  'operators that assign': (object) => {
    object['n'] ??= 1;
    (object['n'] as number) += 2;
    object['age'] &&= 0;
    object['age'] ||= 'none';
    return object['n'];
  },
  deleting: (object) => [delete object['age'], delete object['nobody'], delete object['toString']],
  'deleting all in a loop': (object) => {
    for (const name in object) delete object[name];
    return Object.keys(object);
  },
  'defining a value': (object) => {
    const value = { value: 1, writable: true, enumerable: true, configurable: true };
    return Object.defineProperty(object, 'n', value) === object;
  },
  'defining what it is already': (object) => {
    Object.defineProperty(object, 'name', { enumerable: true });
    return object['name'];
  },
  'setting __proto__ by Object.defineProperty': (object) => {
    const value = { value: 1, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(object, '__proto__', value);
    return [object['__proto__'], Object.keys(object)];
  },
  'an heir that is assigned to': (object) => {
    const heir = Object.create(object) as Named;
    heir['name'] = 'Lee';
    heir['n'] = 1;
    return [{ ...heir }, heir['tags'], 'tags' in heir];
  },
  'another receiver': (object) => {
    const receiver = {};
    return [Reflect.set(object, 'n', 1, receiver), receiver];
  },
  'a proxy around it': (object) => {
    const proxy = new Proxy(object, {});
    proxy['n'] = 1;
    return [proxy['n'], delete proxy['age']];
  },
  'a symbol that is not there': (object) => [
    Reflect.get(object, symbol),
    Reflect.has(object, symbol),
    Reflect.deleteProperty(object, symbol),
    Reflect.get(object, Symbol.toStringTag),
    Reflect.get(object, Symbol.toPrimitive),
  ],
};

/** What a plain object does otherwise. */
const refused: readonly [string, (bag: Named) => unknown, string][] = [
  ['a name that is a symbol', (bag) => Reflect.set(bag, symbol, 1), 'named by a string'],
  ['another prototype', (bag) => Object.setPrototypeOf(bag, { a: 1 }), 'setPrototypeOf'],
  ['no prototype', (bag) => Object.setPrototypeOf(bag, null), 'setPrototypeOf'],
  ['freezing', (bag) => Object.freeze(bag), 'preventExtensions'],
  ['sealing', (bag) => Object.seal(bag), 'preventExtensions'],
  [
    'a read-only variable',
    (bag) => Object.defineProperty(bag, 'name', { value: 1, writable: false }),
    'read-only or hidden',
  ],
  [
    'a hidden variable',
    (bag) => Object.defineProperty(bag, 'name', { value: 1, enumerable: false }),
    'read-only or hidden',
  ],
  [
    'a variable that stays',
    (bag) => Object.defineProperty(bag, 'name', { configurable: false }),
    'read-only or hidden',
  ],
  ['an accessor', (bag) => Object.defineProperty(bag, 'name', { get: () => 1 }), 'accessors'],
  ['a value of a class', (bag) => (bag['at'] = new (class At {})()), 'at cannot be stored'],
];

describe.each<[string, (bag: object) => object]>([
  ['a bag', (bag) => bag],
  ['a bag in the field of a class', (bag) => createLateBag(() => bag)],
])('%s', (_, faceOf) => {
  let bag: Named;

  beforeEach(async () => {
    const adapter = new MemoryAdapter();
    const session = await new UnitSessions(adapter).open();
    bag = faceOf(session.bag('user').init(filled())) as Named;
  });

  it.each(Object.entries(asOnPlainObject))('does as a plain object: %s', (_name, use) => {
    const plain = filled();
    deepStrictEqual(use(bag), use(plain));
    deepStrictEqual({ ...bag }, plain);
  });

  it.each(refused)('refuses %s, and stays as it is', (_name, use, message) => {
    expect(() => use(bag)).toThrow(message);
    expect({ ...bag }).toEqual(filled());
    expect(bag['get']).toBeInstanceOf(Function);
  });

  it('has no way to Object.prototype under a name', () => {
    expect(bag['__proto__']).toBeUndefined();
    expect(() => ((bag['__proto__'] as Named)['polluted'] = true)).toThrow(TypeError);
    bag['__proto__'] ??= {};
    (bag['__proto__'] as Named)['polluted'] = true;
    expect([bag['__proto__'], Reflect.get({}, 'polluted')]).toEqual([
      { polluted: true },
      undefined,
    ]);
  });

  it('equals in a test what a plain object equals', () => {
    expect(bag).toEqual(filled());
    expect(filled()).toEqual(bag);
    expect(bag).toStrictEqual(filled());
    expect({ user: bag }).toEqual({ user: filled() });
    expect(bag).toMatchObject({ name: 'Kimbra' });
    expect(bag).not.toEqual({ ...filled(), age: 23 });
    expect(() => expect(bag).toEqual({ ...filled(), age: 23 })).toThrow(/"age": 2/);
  });
});
