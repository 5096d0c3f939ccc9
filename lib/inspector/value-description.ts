import { inspect } from 'node:util';
import type { InspectedVariable } from './inspector-report.js';

const LONGEST_VALUE = 2000;

/**
 * A value as the inspector shows it: masked, that is its kind and size, or itself.
 *
 * @param isShown whether it is not masked
 */
export function describeValue(name: string, value: unknown, isShown: boolean): InspectedVariable {
  const text = isShown ? shown(value) : masked(value);
  if (!isBag(value)) return { name, value: text };
  const properties = Object.entries(value).map(([property, inner]) => {
    return { name: property, value: isShown ? shown(inner) : masked(inner) };
  });
  return { name, value: text, properties };
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 5, maxArrayLength: 50, breakLength: 80 });
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)} …` : text;
}

function masked(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `string, ${count(value.length, 'character')}`;
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return `array, ${count(value.length, 'item')}`;
  if (value instanceof Map || value instanceof Set) {
    return `${value.constructor.name}, ${count(value.size, 'entry', 'entries')}`;
  }
  if (value instanceof Uint8Array) return `bytes, ${value.length}`;
  if (value instanceof Date) return 'Date';
  return `object, ${count(Object.keys(value).length, 'property', 'properties')}`;
}

function isBag(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
