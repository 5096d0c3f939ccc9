/**
 * Whether `value` is what an object literal makes, or has no prototype at all. Objects of another
 * realm count too: body parsers and test runners hand them over.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'valueOf');
}

/** Sets an own property whatever its name: assigning to `__proto__` would change the prototype. */
export function setOwn(target: object, name: string | number, value: unknown): void {
  if (name === '__proto__') {
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(target, name, property);
  } else {
    (target as Record<string | number, unknown>)[name] = value;
  }
}

/** The own property of that name; never what is inherited. */
export function getOwn(target: object, name: string): unknown {
  return Object.hasOwn(target, name) ? (target as Record<string, unknown>)[name] : undefined;
}
