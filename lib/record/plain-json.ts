import { hasItemsOnly, symbolProperty } from './own-properties.js';
import { inheritsFromArray, inheritsFromObject } from './plain-object.js';

/** How many levels of objects a value may have. */
export const MAX_DEPTH = 1_000;

/** Whether JSON alone carries the value: most values, and no copy is needed for those. */
export function isPlainJson(value: unknown): boolean {
  return isPlain(value, undefined, 0);
}

function isPlain(value: unknown, seen: Set<unknown> | undefined, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > MAX_DEPTH || seen?.has(value) === true) return false;
  const known = (seen ?? new Set()).add(value);
  return Array.isArray(value)
    ? isPlainArray(value, known, depth + 1)
    : isPlainRecord(value as Record<string, unknown>, known, depth + 1);
}

function isPlainArray(values: readonly unknown[], seen: Set<unknown>, depth: number): boolean {
  if (!inheritsFromArray(values) || !hasItemsOnly(values)) return false;
  // A hole reads as undefined, which is not plain either.
  for (const item of values) if (!isPlain(item, seen, depth)) return false;
  return true;
}

function isPlainRecord(value: Record<string, unknown>, seen: Set<unknown>, depth: number): boolean {
  if (!inheritsFromObject(value) || symbolProperty(value) !== undefined) return false;
  for (const key of Object.keys(value)) if (!isPlain(value[key], seen, depth)) return false;
  return true;
}
