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
  if (types.isDate(value)) return ancestors(value) === 2 ? 'Date' : undefined;
  if (types.isMap(value)) return ancestors(value) === 2 ? 'Map' : undefined;
  if (types.isSet(value)) return ancestors(value) === 2 ? 'Set' : undefined;
  if (!types.isUint8Array(value)) return undefined;
  if (Object.getPrototypeOf(value) === Buffer.prototype) return 'Buffer';
  return ancestors(value) === 3 ? 'Uint8Array' : undefined;
}

/** The prototypes above an object. Counting them works for objects of another realm too. */
function ancestors(value: object): number {
  let count = 0;
  let prototype: unknown = Object.getPrototypeOf(value);
  while (prototype !== null) {
    count++;
    prototype = Object.getPrototypeOf(prototype);
  }
  return count;
}
