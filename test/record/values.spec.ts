import { describe, expect, it, jest } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { fingerprint } from '../../lib/record/encode-value.js';
import { parseRecord, serializeRecord, type SessionRecord } from '../../lib/record/record.js';
import { anyGraph, anyName, anyTree } from './any-value.js';

const KEY = 'sess:key';

describe('R8 values through the record', () => {
  it('come back as they were, whatever they are', () => {
    fc.assert(
      fc.property(anyTree, (value) => isDeepStrictEqual(throughRecord(value), value)),
      { numRuns: 500 },
    );
  });

  it('come back with their repeated references and cycles', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const restored = throughRecord(graph);
        return isDeepStrictEqual(restored, graph) && isSameShape(restored, graph);
      }),
      { numRuns: 500 },
    );
  });

  it('leave plain JSON as it is, without notes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyName, (value, name) => {
        fc.pre(!hasMinusZero(value));
        const { session } = JSON.parse(serialized(new Map([[name, value]])));
        return (
          session.types === undefined && isDeepStrictEqual(session.variables, { [name]: value })
        );
      }),
    );
  });

  it.each([
    ['two of them in an array', () => shared((one) => [one, one])],
    ['under two names', () => shared((one) => ({ a: one, b: { c: one } }))],
    ['as a key and a value of a Map', () => shared((one) => new Map([[one, { one }]]))],
    ['in a Set and beside it', () => shared((one) => [new Set([one]), one])],
    [
      'a Date, a Buffer and bytes',
      () => [new Date(1), Buffer.of(1), Uint8Array.of(1)].flatMap(twice),
    ],
  ])('keeps the identity of objects: %s', (_, make) => {
    const value = make();
    expect(isSameShape(throughRecord(value), value)).toBe(true);
  });

  it('keeps cycles through arrays, Maps and Sets', () => {
    const array: unknown[] = [];
    const map = new Map<unknown, unknown>([['array', array]]);
    const set = new Set<unknown>([map]);
    array.push(set, array);
    const restored = throughRecord(array) as unknown[];
    const [restoredSet, self] = restored as [Set<Map<string, unknown>>, unknown];
    expect(self).toBe(restored);
    expect([...restoredSet][0]?.get('array')).toBe(restored);
  });

  it('keeps the type of Buffer, Uint8Array and objects without prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1, at: new Date(5) });
    const restored = throughRecord({ buffer: Buffer.of(1), bytes: Uint8Array.of(2), bare });
    const { buffer, bytes, bare: restoredBare } = restored as Record<string, object>;
    expect(Buffer.isBuffer(buffer)).toBe(true);
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(isDeepStrictEqual(restoredBare, bare)).toBe(true);
    expect(Object.getPrototypeOf(restoredBare)).toBeNull();
  });

  it('keeps the Dates that a fake clock makes, which are of a class of its own, and real ones', () => {
    const real = new Date(5);
    jest.useFakeTimers({ now: 7 });
    try {
      expect(Object.getPrototypeOf(new Date())).not.toBe(Object.getPrototypeOf(real));
      const [made, kept] = throughRecord([new Date(), real]) as [Date, Date];
      expect([made.getTime(), kept.getTime()]).toEqual([7, 5]);
      // What was read is stored again.
      expect(throughRecord(made)).toEqual(made);
    } finally {
      jest.useRealTimers();
    }
  });

  it('keeps what inherits from an empty object without prototype as one that inherits nothing', () => {
    const NullObject = Object.assign(function () {}, { prototype: Object.create(null) as object });
    const parsed: unknown = Object.assign(Reflect.construct(Object, [], NullObject), { a: '1' });
    const restored = throughRecord(parsed) as object;
    expect([{ ...restored }, Object.getPrototypeOf(restored)]).toEqual([{ a: '1' }, null]);
  });

  it('keeps what a getter gives, and no freezing', () => {
    const value = {
      items: [{ price: 2 }],
      get total() {
        return this.items.length;
      },
    };
    Object.freeze(value.items);
    const restored = throughRecord(Object.freeze(value)) as typeof value;
    expect(Object.entries(restored)).toEqual([
      ['items', [{ price: 2 }]],
      ['total', 1],
    ]);
    expect([Object.isFrozen(restored), Object.isFrozen(restored.items)]).toEqual([false, false]);
  });

  it('leaves out what a plain object hides, as copies of it do', () => {
    const tokens = { access_token: 'a', expires_in: 60 };
    const hiding = Object.defineProperty({ ...tokens }, 'claims', { value: () => undefined });
    expect(throughRecord(hiding)).toEqual(tokens);
    expect(throughRecord({ at: new Date(0), hiding })).toEqual({ at: new Date(0), hiding: tokens });
  });

  it('keeps bytes that are a part of a larger memory, without that memory', () => {
    const memory = Uint8Array.of(1, 2, 3, 4).buffer;
    const views = [new Uint8Array(memory, 1, 2), Buffer.from(memory, 0, 2)];
    const restored = throughRecord(views) as [Uint8Array, Buffer];
    expect(restored).toEqual(views);
    restored[0][0] = 9;
    expect([...restored[1]]).toEqual([1, 2]);
  });

  it('keeps an invalid Date, which equals no other', () => {
    const restored = throughRecord([new Date(Number.NaN)]) as Date[];
    expect(restored[0]).toBeInstanceOf(Date);
    expect(restored[0]?.getTime()).toBeNaN();
  });

  it('stores types beside the data, never inside it', () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const cart = { at, items: [{ price: 5n }, undefined], tags: new Set(['a']), plain: [1] };
    const { session } = JSON.parse(
      serialized(
        new Map<string, unknown>([
          ['cart', cart],
          ['n', 1],
        ]),
      ),
    );
    expect(session.variables).toEqual({
      cart: {
        at: '2026-01-02T03:04:05.678Z',
        items: [{ price: '5' }, null],
        tags: ['a'],
        plain: [1],
      },
      n: 1,
    });
    expect(Object.keys(session.types)).toEqual(['cart']);
  });

  it('does not take data that looks like a note for one', () => {
    const value = [[['a'], 'Date'], { type: 'Map', $date: 1, undefined: null }, 'NaN', '-0'];
    expect(throughRecord(value)).toEqual(value);
  });

  it('tells values apart that JSON does not', () => {
    const alike = [null, undefined, Number.NaN, Infinity, new Date(Number.NaN)];
    const prints = [...alike, 0, -0, 0n, '0', [], {}, new Map(), new Set()].map((value) =>
      fingerprint([value], 'x'),
    );
    expect(new Set(prints).size).toBe(prints.length);
  });
});

function shared<T>(use: (one: object) => T): T {
  return use({ shared: true });
}

function twice<T>(value: T): T[] {
  return [value, value];
}

function serialized(variables: Map<string, unknown>): string {
  return serializeRecord(KEY, { createdAt: 1, writes: '', variables });
}

function throughRecord(value: unknown): unknown {
  const data = serialized(new Map([['name', value]]));
  return (parseRecord(KEY, data) as SessionRecord).variables.get('name');
}

function hasMinusZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasMinusZero);
  return Object.is(value, -0);
}

/** Whether the same objects are repeated at the same places. */
function isSameShape(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(outline(left), outline(right));
}

/** For each object met on the way through a value, when it was met first. */
function outline(value: unknown): number[] {
  const met = new Map<object, number>();
  const order: number[] = [];
  visit(value);
  return order;

  function visit(node: unknown): void {
    if (typeof node !== 'object' || node === null) return;
    const known = met.get(node);
    order.push(known ?? met.size);
    if (known !== undefined) return;
    met.set(node, met.size);
    const inside = node instanceof Map || node instanceof Set ? [...node.entries()].flat() : [];
    for (const each of [...inside, ...Object.values(node)]) visit(each);
  }
}
