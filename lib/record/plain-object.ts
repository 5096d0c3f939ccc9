/**
 * Whether `value` is what an object literal makes, or inherits nothing. Objects of another realm
 * count too: body parsers and test runners hand them over.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return inheritsFromObject(value) || inheritsNothing(value);
}

/** Whether its prototype is Object.prototype, of this realm or another. */
export function inheritsFromObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  return isRoot(prototype) && Object.hasOwn(prototype, 'isPrototypeOf');
}

/**
 * Whether there is nothing above it: no prototype, or an empty one that has none itself. Fastify
 * makes its queries and route parameters so, since that is faster.
 */
export function inheritsNothing(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (isRoot(prototype) && Reflect.ownKeys(prototype).length === 0);
}

/** Whether an array is one of Array itself, this realm's or another's, and not of a subclass. */
export function inheritsFromArray(values: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(values);
  if (prototype === Array.prototype) return true;
  // Array.prototype is an array; the prototype of a subclass is none.
  return Array.isArray(prototype) && !Array.isArray(Object.getPrototypeOf(prototype));
}

function isRoot(prototype: unknown): prototype is object {
  return prototype !== null && Object.getPrototypeOf(prototype) === null;
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
