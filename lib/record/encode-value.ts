import { SessionSerializationException } from '../exceptions/session.exceptions.js';
import { propertyOfArray, propertyOfBuiltIn, symbolProperty } from './own-properties.js';
import { isPlainJson, MAX_DEPTH } from './plain-json.js';
import { inheritsFromArray, inheritsFromObject, inheritsNothing, setOwn } from './plain-object.js';
import { builtInType, type TypeNote, type ValuePath, type ValueType } from './value-types.js';

/** Plain JSON, and what it cannot say. */
export interface EncodedValue {
  readonly json: unknown;
  readonly notes: readonly TypeNote[];
}

const NO_NOTES: readonly TypeNote[] = [];
/** One index out of somebody's input may make billions of them. */
const MAX_HOLES = 10_000;

/**
 * The value as plain JSON with notes on what JSON cannot say. A plain value is handed back itself,
 * not a copy.
 *
 * @param name what an error calls the value
 * @throws SessionSerializationException naming the path of what cannot be stored
 */
export function encodeValue(value: unknown, name: string): EncodedValue {
  if (isPlainJson(value)) return { json: value, notes: NO_NOTES };
  const encoder = new Encoder(name);
  const json = encoder.encode(value, []);
  return { json, notes: encoder.notes };
}

/**
 * Refuses what cannot be stored, through the whole depth.
 *
 * @throws SessionSerializationException
 */
export function assertStorable(value: unknown, name: string): void {
  if (!isPlainJson(value)) new Encoder(name).encode(value, []);
}

/** A text that is equal for equal values. */
export function fingerprint(value: unknown, name: string): string {
  const { json, notes } = encodeValue(value, name);
  return notes.length === 0 ? JSON.stringify(json) : JSON.stringify([json, notes]);
}

class Encoder {
  readonly notes: TypeNote[] = [];
  readonly #places = new Map<object, ValuePath>();

  constructor(private readonly name: string) {}

  encode(value: unknown, path: ValuePath): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return this.#note(path, 'undefined', null);
      case 'bigint':
        return this.#note(path, 'bigint', value.toString());
      case 'number':
        return this.#encodeNumber(value, path);
      case 'object':
        return value === null ? null : this.#encodeObject(value, path);
      default:
        throw this.#refusal(path, `a ${typeof value}`);
    }
  }

  #encodeNumber(value: number, path: ValuePath): number | null {
    if (Object.is(value, -0)) return this.#note(path, '-0', 0);
    if (Number.isFinite(value)) return value;
    if (Number.isNaN(value)) return this.#note(path, 'NaN', null);
    return this.#note(path, value > 0 ? 'Infinity' : '-Infinity', null);
  }

  #encodeObject(value: object, path: ValuePath): unknown {
    if (path.length > MAX_DEPTH) throw this.#refusal([], `nested deeper than ${MAX_DEPTH} levels`);
    const first = this.#places.get(value);
    if (first !== undefined) {
      this.notes.push([path, 'reference', first]);
      return null;
    }
    this.#places.set(value, path);
    if (Array.isArray(value)) return this.#encodeArray(value, path);
    const type = builtInType(value);
    if (type !== undefined) return this.#encodeBuiltIn(value, type, path);
    if (inheritsNothing(value)) this.notes.push([path, 'null-prototype']);
    else if (!inheritsFromObject(value)) throw this.#refusal(path, describe(value));
    return this.#encodeProperties(value as Record<string, unknown>, path);
  }

  #encodeArray(values: readonly unknown[], path: ValuePath): unknown[] {
    if (!inheritsFromArray(values)) throw this.#refusal(path, describe(values));
    this.#refuseProperty(path, propertyOfArray(values), 'an array');
    if (values.length > MAX_HOLES && values.length - Object.keys(values).length > MAX_HOLES) {
      throw this.#refusal(path, `an array with more than ${MAX_HOLES} holes`);
    }
    return Array.from(values, (item, index) =>
      index in values
        ? this.encode(item, [...path, index])
        : this.#note([...path, index], 'hole', null),
    );
  }

  #encodeProperties(value: Record<string, unknown>, path: ValuePath): Record<string, unknown> {
    this.#refuseProperty(path, symbolProperty(value), 'an object');
    const json = {};
    for (const key of Object.keys(value)) {
      setOwn(json, key, this.encode(value[key], [...path, key]));
    }
    return json;
  }

  #encodeBuiltIn(value: object, type: ValueType, path: ValuePath): unknown {
    this.#refuseProperty(path, propertyOfBuiltIn(value), `a ${type}`);
    this.notes.push([path, type]);
    if (type === 'Map') {
      return Array.from(value as Map<unknown, unknown>, ([key, item], index) => [
        this.encode(key, [...path, index, 0]),
        this.encode(item, [...path, index, 1]),
      ]);
    }
    if (type === 'Set') {
      return Array.from(value as Set<unknown>, (item, index) =>
        this.encode(item, [...path, index]),
      );
    }
    if (type === 'Date') {
      const time = (value as Date).getTime();
      return Number.isNaN(time) ? null : new Date(time).toISOString();
    }
    const { buffer, byteOffset, byteLength } = value as Uint8Array;
    return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  }

  #note<T>(path: ValuePath, type: ValueType, json: T): T {
    this.notes.push([path, type]);
    return json;
  }

  /** Refuses what would be lost, since it is not among what is stored of the object. */
  #refuseProperty(path: ValuePath, key: string | symbol | undefined, owner: string): void {
    if (typeof key === 'symbol') throw this.#refusal(path, `${owner} with the key ${String(key)}`);
    if (key === undefined) return;
    throw this.#refusal([...path, key], `a named property of ${owner}`);
  }

  #refusal(path: ValuePath, what: string): SessionSerializationException {
    return new SessionSerializationException(
      `${this.name}${formatPath(path)} cannot be stored in the session: it is ${what}. ` +
        'Store plain data: spread an instance into an object ({ ...dto }) or an array ([...list]), ' +
        'await a promise, leave functions and symbols out.',
    );
  }
}

function describe(value: object): string {
  if (typeof (value as { then?: unknown }).then === 'function') return 'a promise';
  const { constructor } = value;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' || name === 'Object' ? 'not a plain object' : `an instance of ${name}`;
}

function formatPath(path: ValuePath): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
}
