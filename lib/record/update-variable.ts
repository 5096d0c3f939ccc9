import { Changes, type Unit } from './changes.js';
import { decodeValue } from './decode-value.js';
import { encodeValue } from './encode-value.js';
import { getOwn, isPlainObject } from './plain-object.js';
import type { Variables } from './record.js';

/** Makes a storable value out of the newest one, synchronously; undefined removes it. */
export type Updater = (value: unknown) => unknown;

/**
 * Puts what `updater` makes of a unit into `variables`. The updater gets a copy, since it may run
 * again and may change what it is given.
 *
 * @param label what an error calls the unit
 * @returns the new value
 */
export function updateVariable(
  variables: Variables,
  unit: Unit,
  label: string,
  updater: Updater,
): unknown {
  const { name, property } = unit;
  const value = variables.get(name);
  const isBag = property !== undefined && isPlainObject(value);
  const newest = property === undefined ? value : isBag ? getOwn(value, property) : undefined;
  const result = updater(copy(newest, label));
  if (isBag) variables.set(name, { ...value });
  const change = new Changes('');
  if (result === undefined) change.remove(unit);
  else change.set(unit, result);
  change.replay(variables);
  return result;
}

function copy(value: unknown, label: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { json, notes } = encodeValue(value, label);
  return decodeValue(JSON.parse(JSON.stringify(json)), notes);
}
