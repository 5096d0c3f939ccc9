import { setOwn } from './plain-object.js';
import type { TypeNote, ValuePath, ValueType } from './value-types.js';

/**
 * Gives parsed JSON back what `encodeValue` noted. The JSON is altered in place; parts without a
 * note are not visited.
 */
export function decodeValue(json: unknown, notes: readonly TypeNote[]): unknown {
  return notes.length === 0 ? json : restore(json, outline(notes));
}

/** A place with a note, with a repeated object, or with such a place somewhere below it. */
class Place {
  readonly below = new Map<string | number, Place>();
  type?: ValueType;
  /** The place that this one repeats. */
  original?: Place;
  /** The object that was restored here. */
  restored?: unknown;

  at(path: ValuePath): Place {
    let place: Place = this;
    for (const step of path) {
      let next = place.below.get(step);
      if (next === undefined) place.below.set(step, (next = new Place()));
      place = next;
    }
    return place;
  }
}

function outline(notes: readonly TypeNote[]): Place {
  const root = new Place();
  for (const [path, type, target] of notes) {
    const place = root.at(path);
    place.type = type;
    if (target !== undefined) place.original = root.at(target);
  }
  return root;
}

/**
 * Objects are restored before what is inside them, in the order in which they were encoded, so that
 * a reference always finds its original.
 */
function restore(json: unknown, place: Place | undefined): unknown {
  if (place === undefined) return json;
  switch (place.type) {
    case 'undefined':
    case 'hole':
      return undefined;
    case 'NaN':
    case 'Infinity':
    case '-Infinity':
      return Number(place.type);
    case '-0':
      return -0;
    case 'bigint':
      return BigInt(json as string);
    case 'Date':
      return (place.restored = new Date((json as string | null) ?? Number.NaN));
    case 'Buffer':
      return (place.restored = Buffer.from(json as string, 'base64'));
    case 'Uint8Array':
      return (place.restored = new Uint8Array(Buffer.from(json as string, 'base64')));
    case 'reference':
      return place.original?.restored;
    case 'Map':
      return restoreMap(json as [unknown, unknown][], place);
    case 'Set':
      return restoreSet(json as unknown[], place);
    default:
      return restoreInside(json, place);
  }
}

function restoreMap(entries: [unknown, unknown][], place: Place): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  place.restored = map;
  for (const [index, [key, value]] of entries.entries()) {
    const entry = place.below.get(index);
    map.set(restore(key, entry?.below.get(0)), restore(value, entry?.below.get(1)));
  }
  return map;
}

function restoreSet(items: unknown[], place: Place): Set<unknown> {
  const set = new Set<unknown>();
  place.restored = set;
  for (const [index, item] of items.entries()) set.add(restore(item, place.below.get(index)));
  return set;
}

function restoreInside(json: unknown, place: Place): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (place.type === 'null-prototype') Object.setPrototypeOf(json, null);
  place.restored = json;
  const steps = Array.isArray(json) ? json.keys() : Object.keys(json);
  for (const step of steps) {
    const inner = place.below.get(step);
    if (inner?.type === 'hole') Reflect.deleteProperty(json, step);
    else if (inner) setOwn(json, step, restore((json as Record<string, unknown>)[step], inner));
  }
  return json;
}
