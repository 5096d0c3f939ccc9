import { describe, expect, it } from '@jest/globals';
import * as nodeUtil from 'node:util';
import { assertStorable, encodeValue } from '../../lib/record/encode-value.js';
import { SessionSerializationException } from '../../lib/exceptions/session.exceptions.js';

class Dto {
  price = 1;
}
class Price extends Date {}
class Index extends Map {}
class Tags extends Set {}
class Bytes extends Uint8Array {}
class Text extends Buffer {}
class Cart extends Array<unknown> {}
class Bare extends (null as unknown as typeof Object) {}
const secret = Symbol('kind');

describe('R8 refused values', () => {
  it.each([
    ['a function', () => 1, 'cart', 'a function'],
    ['a symbol', secret, 'cart', 'a symbol'],
    ['a class instance', new Dto(), 'cart', 'an instance of Dto'],
    ['a promise', Promise.resolve(1), 'cart', 'a promise'],
    ['a subclass of Date', new Price(0), 'cart', 'an instance of Price'],
    ['a Date of a class', Object.setPrototypeOf(new Date(0), Dto.prototype), 'cart', 'of Dto'],
    ['a subclass of Map', new Index(), 'cart', 'an instance of Index'],
    ['a subclass of Set', new Tags(), 'cart', 'an instance of Tags'],
    ['a subclass of Uint8Array', new Bytes(1), 'cart', 'an instance of Bytes'],
    ['a subclass of Buffer', Object.setPrototypeOf(Buffer.of(1), Text.prototype), 'cart', 'Text'],
    ['a subclass of Array', Cart.of(1), 'cart', 'an instance of Cart'],
    ['an array without prototype', Object.setPrototypeOf([1], null), 'cart', 'not a plain object'],
    ['an array under another prototype', Object.setPrototypeOf([1], [2]), 'cart', 'of Array'],
    ['an error', new RangeError('no'), 'cart', 'an instance of RangeError'],
    ['a regular expression', /a/, 'cart', 'an instance of RegExp'],
    ['a boxed string', Object('a'), 'cart', 'an instance of String'],
    ['a boxed bigint', Object(1n), 'cart', 'an instance of BigInt'],
    ['a URL', new URL('http://a'), 'cart', 'an instance of URL'],
    ['an iterator', [1].values(), 'cart', 'it is '],
    ['a generator', (function* () {})(), 'cart', 'it is '],
    ['a module', nodeUtil, 'cart', 'Symbol(Symbol.toStringTag)'],
    ['the arguments of a call', argumentsOf(), 'cart', 'Symbol(Symbol.iterator)'],
    ['a WeakMap', new WeakMap(), 'cart', 'an instance of WeakMap'],
    ['another typed array', Float64Array.of(1), 'cart', 'an instance of Float64Array'],
    ['an ArrayBuffer', new ArrayBuffer(1), 'cart', 'an instance of ArrayBuffer'],
    ['an heir of a plain object', Object.create({ a: 1 }), 'cart', 'not a plain object'],
    ['an instance of a class without roots', Object.create(Bare.prototype), 'cart', 'Bare'],
    [
      'an heir of an object without prototype',
      Object.create(Object.assign(Object.create(null), { a: 1 })),
      'cart',
      'not a plain object',
    ],
    ['an instance deep inside', { items: [1, 2, { price: new Dto() }] }, 'cart.items[2].price'],
    ['a method of an object', { items: { add() {} } }, 'cart.items.add', 'a function'],
    ['a function in an array', [[() => 1]], 'cart[0][0]', 'a function'],
    ['a value of a Map', new Map([['a', secret]]), 'cart[0][1]', 'a symbol'],
    ['a key of a Map', new Map([[new Dto(), 1]]), 'cart[0][0]', 'an instance of Dto'],
    ['an item of a Set', new Set([1, new Dto()]), 'cart[1]', 'an instance of Dto'],
    ['a property with a symbol for a name', { a: { [secret]: 1 } }, 'cart.a', 'Symbol(kind)'],
    [
      'a named property of an array',
      Object.assign([1], { total: 2 }),
      'cart.total',
      'a named property',
    ],
    [
      'a named property of a sparse array',
      Object.assign(Array(1), { total: 2 }),
      'cart.total',
      'a named property',
    ],
    [
      'a property of an array that is named by a symbol',
      Object.assign([1], { [secret]: 2 }),
      'cart',
      'an array with the key Symbol(kind)',
    ],
    ['what matched a regular expression', /a/.exec('a'), 'cart.groups', 'a named property'],
    ['an index too high', Object.assign([], { 4294967295: 1 }), 'cart["4294967295"]', 'a named'],
    ['an array of holes', { list: Array(20_000) }, 'cart.list', 'with more than 10000 holes'],
    ['a property of a Date', { at: withExtra(new Date(0)) }, 'cart.at.extra', 'of a Date'],
    ['a property of a Map', withExtra(new Map()), 'cart.extra', 'a named property of a Map'],
    ['a property of a Set', withExtra(new Set()), 'cart.extra', 'a named property of a Set'],
    ['a property of a Buffer', withExtra(Buffer.of(1)), 'cart.extra', 'of a Buffer'],
    ['a property of bytes', withExtra(Uint8Array.of(1)), 'cart.extra', 'of a Uint8Array'],
    [
      'a property of a Date that is named by a symbol',
      Object.assign(new Date(0), { [secret]: 1 }),
      'cart',
      'a Date with the key Symbol(kind)',
    ],
    ['a hidden property of a Map', withHidden(new Map()), 'cart.hidden', 'a named property'],
    ['a toJSON of its own', { at: { toJSON: () => 1 } }, 'cart.at.toJSON', 'a function'],
    ['a negative index', Object.assign([], { '-1': 2 }), 'cart["-1"]', 'a named property'],
    ['a name that is no identifier', { 'first name': new Dto() }, 'cart["first name"]'],
    ['what stands under __proto__', JSON.parse('{"__proto__":{}}', refuseInner), 'cart.__proto__'],
  ])('%s, with path and remedy', (_, value: unknown, path: string, what = 'an instance of Dto') => {
    const attempt = () => assertStorable(value, 'cart');
    expect(attempt).toThrow(SessionSerializationException);
    expect(attempt).toThrow(what);
    expect(attempt).toThrow(`${path} cannot be stored in the session: `);
    expect(attempt).toThrow('{ ...dto }');
  });

  it('accepts 900 levels and refuses endless depth by name', () => {
    expect(() => assertStorable(nested(900), 'cart')).not.toThrow();
    expect(() => assertStorable(nested(5000), 'cart')).toThrow(SessionSerializationException);
    expect(() => assertStorable(nested(5000), 'cart')).toThrow('cart cannot be stored');
  });

  it('accepts 10000 holes, and refuses billions at once', () => {
    const byIndex: unknown[] = [];
    byIndex[10_000] = { found: true };
    expect(() => assertStorable(byIndex, 'cart')).not.toThrow();
    byIndex[4_000_000_000] = { found: true };
    expect(() => assertStorable(byIndex, 'cart')).toThrow('cart cannot be stored');
  });

  it('hands plain JSON back itself, and anything else as a copy', () => {
    const plain = { a: [1, { b: null }] };
    const dated = { at: new Date(0) };
    expect(encodeValue(plain, 'x').json).toBe(plain);
    expect(encodeValue(dated, 'x').json).not.toBe(dated);
    expect(dated).toEqual({ at: new Date(0) });
  });

  it('never shows a value', () => {
    expect(() => assertStorable({ token: 's3cret', bad: new Dto() }, 'cart')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { inner: value };
  return value;
}

function withExtra(value: object): object {
  return Object.assign(value, { extra: 1 });
}

function withHidden(value: object): object {
  return Object.defineProperty(value, 'hidden', { value: 1 });
}

function argumentsOf(): unknown {
  // oxlint-disable-next-line prefer-rest-params
  return arguments;
}

/** A reviver that leaves an instance at `__proto__`, as an own property. */
function refuseInner(name: string, value: unknown): unknown {
  return name === '__proto__' ? new Dto() : value;
}
