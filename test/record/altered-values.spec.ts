import { describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { SessionSerializationException } from '../../lib/exceptions/session.exceptions.js';
import { parseRecord, serializeRecord, type SessionRecord } from '../../lib/record/record.js';
import { anyTree } from './any-value.js';

const KEY = 'sess:key';
const symbol = Symbol('kind');

/** What may be done to an object that its kind alone does not tell. */
const alterations: readonly ((object: object) => void)[] = [
  (object) => void Reflect.set(object, 'extra', 1),
  (object) => void Reflect.set(object, symbol, 1),
  (object) => void Reflect.set(object, '-1', 1),
  (object) => void (isBuiltIn(object) && Reflect.defineProperty(object, 'hidden', { value: 1 })),
  (object) => void (hasIndices(object) || Reflect.defineProperty(object, symbol, { value: 1 })),
  (object) => void (hasItsOwnData(object) || Reflect.setPrototypeOf(object, null)),
  (object) => void Reflect.setPrototypeOf(object, class Foreign {}.prototype),
  (object) => void (inheritsNothing(object) || Reflect.setPrototypeOf(object, heirOf(object))),
  (object) => void Reflect.set(object, 'toJSON', () => 'replaced'),
  (object) => void (Array.isArray(object) && (object.length += 2)),
];

describe('R8 altered values', () => {
  it('come back as they were, or are refused', () => {
    let kept = 0;
    let refused = 0;
    const picks = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(anyTree, picks, (tree, chosen) => {
        // A copy: the tree is used again for a smaller example.
        const value = throughRecord([tree]);
        const objects = objectsIn(value).slice(1);
        for (const [place, kind] of chosen) {
          const object = objects[place % (objects.length || 1)];
          if (object) alterations[kind % alterations.length]?.(object);
        }
        try {
          const restored = throughRecord(value);
          kept++;
          return (
            isDeepStrictEqual(restored, value) && isDeepStrictEqual(keys(restored), keys(value))
          );
        } catch (error) {
          refused++;
          return error instanceof SessionSerializationException;
        }
      }),
      { numRuns: 400 },
    );
    expect(Math.min(kept, refused)).toBeGreaterThan(50);
  });
});

/** What others hide is not looked for: in plain objects it is no data, in arrays it would cost too much. */
function isBuiltIn(object: object): boolean {
  return object instanceof Date || object instanceof Map || object instanceof Set;
}

function hasIndices(object: object): boolean {
  return Array.isArray(object) || ArrayBuffer.isView(object);
}

/** Whether it holds something beside its properties. */
function hasItsOwnData(object: object): boolean {
  return !Array.isArray(object) && prototypeOf(object) !== Object.prototype;
}

/** What inherits from an empty object instead is data as well, in the form of Fastify's queries. */
function inheritsNothing(object: object): boolean {
  return prototypeOf(object) === null;
}

function heirOf(object: object): object {
  return Object.create(prototypeOf(object)) as object;
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

function throughRecord(value: unknown): unknown {
  const record = { createdAt: 1, writes: '', variables: new Map([['name', value]]) };
  return (parseRecord(KEY, serializeRecord(KEY, record)) as SessionRecord).variables.get('name');
}

/** The own keys of all objects, hidden ones and symbols too, where enumerable ones are compared. */
function keys(value: unknown): (string | symbol)[][] {
  return objectsIn(value).map((object) => Reflect.ownKeys(object));
}

function objectsIn(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value);
  const inside = value instanceof Map || value instanceof Set ? [...value.entries()].flat() : [];
  if (!ArrayBuffer.isView(value)) inside.push(...(Object.values(value) as unknown[]));
  for (const each of inside) objectsIn(each, found);
  return found;
}
