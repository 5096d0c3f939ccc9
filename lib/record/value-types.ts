import { types } from 'node:util';

/** The way from a variable's root to a place within it. */
export type ValuePath = readonly (string | number)[];

/** What JSON cannot say of a value; kept beside the plain JSON that stands in its place. */
export type ValueType =
  | 'undefined'
  | 'hole'
  | 'NaN'
  | 'Infinity'
  | '-Infinity'
  | '-0'
  | 'bigint'
  | 'Date'
  | 'Map'
  | 'Set'
  | 'Buffer'
  | 'Uint8Array'
  | 'null-prototype'
  | 'reference';

/** A place and its type; a reference adds the place of the object that it repeats. */
export type TypeNote =
  | readonly [path: ValuePath, type: ValueType]
  | readonly [path: ValuePath, type: 'reference', target: ValuePath];

/** The built-in type of an object that is kept as such; undefined for a subclass and all others. */
export function builtInType(value: object): ValueType | undefined {
  if (types.isDate(value)) return isOfDate(value) ? 'Date' : undefined;
  if (types.isMap(value)) return inherits(value, 'clear', 2) ? 'Map' : undefined;
  if (types.isSet(value)) return inherits(value, 'clear', 2) ? 'Set' : undefined;
  if (!types.isUint8Array(value)) return undefined;
  if (Object.getPrototypeOf(value) === Buffer.prototype) return 'Buffer';
  return inherits(value, 'BYTES_PER_ELEMENT', 3) ? 'Uint8Array' : undefined;
}

/** The clocks of test runners put a class of their own in the place of Date, derived from it. */
function isOfDate(value: Date): boolean {
  return Object.getPrototypeOf(value) === Date.prototype || inherits(value, 'toISOString', 2);
}

/**
 * Whether there are that many prototypes above an object, the nearest with a property of that name.
 * This tells a type from what is derived from it, in another realm too.
 */
function inherits(value: object, name: string, ancestors: number): boolean {
  const nearest = Object.getPrototypeOf(value) as object | null;
  if (nearest === null || !Object.hasOwn(nearest, name)) return false;
  let count = 0;
  let prototype: object | null = nearest;
  while (prototype !== null) {
    count++;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return count === ancestors;
}
