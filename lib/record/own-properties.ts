import { isDeepStrictEqual, types } from 'node:util';

/*
 * Properties that stand beside what is stored of an object and would be lost. What a plain object
 * hides, by not being enumerable, is no part of its data: nobody copies it, and libraries put helpers
 * there.
 */

/** The first property of a plain object that is named by a symbol. */
export function symbolProperty(value: object): symbol | undefined {
  return Object.getOwnPropertySymbols(value)[0];
}

/** Whether an array has its items alone. One with holes may have as many named properties. */
export function hasItemsOnly(values: readonly unknown[]): boolean {
  return (
    Object.keys(values).length === values.length &&
    Object.getOwnPropertySymbols(values).length === 0
  );
}

/** The first enumerable property of an array that is no item. */
export function propertyOfArray(values: readonly unknown[]): string | symbol | undefined {
  // Indices come first, in their order.
  const last = Object.keys(values).at(-1);
  if (last !== undefined && !isIndex(last, values.length)) return last;
  return Object.getOwnPropertySymbols(values)[0];
}

/** The first property of a Date, a Map, a Set or bytes. */
export function propertyOfBuiltIn(value: object): string | symbol | undefined {
  if (types.isDate(value)) return Reflect.ownKeys(value).find((key) => !isClockMark(value, key));
  if (!types.isUint8Array(value)) return Reflect.ownKeys(value)[0];
  // Another view of the same bytes has no properties. Comparing is quick; the keys of bytes are many.
  const view = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  Object.setPrototypeOf(view, Object.getPrototypeOf(value) as object);
  if (isDeepStrictEqual(value, view)) return undefined;
  return Reflect.ownKeys(value).find(
    (key) => typeof key === 'symbol' || !isIndex(key, value.length),
  );
}

/** The clocks of test runners have each of their Dates say that it is one of the real class. */
function isClockMark(date: Date, key: string | symbol): boolean {
  return key === 'constructor' && typeof date.constructor === 'function';
}

function isIndex(key: string, length: number): boolean {
  const index = Number(key);
  return index >>> 0 === index && index < length && String(index) === key;
}
