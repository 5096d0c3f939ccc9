import { inspect } from 'node:util';
import type { BagMethods } from './interfaces/bag.interface.js';
import type { Unit } from './record/changes.js';

/** What a bag needs of the session: its variables, under short names. */
export interface BagVariables {
  get(unit: Unit): unknown;
  has(unit: Unit): boolean;
  set(unit: Unit, value: unknown): void;
  remove(unit: Unit): boolean;
  update(unit: Unit, fn: (value: unknown) => unknown): Promise<unknown>;
  properties(bag: string): string[];
  clearBag(bag: string): void;
  /** Replaces the bag, or leaves it as it is if one of the values is refused. */
  initBag(bag: string, entries: readonly (readonly [string, unknown])[]): void;
}

const bags = new WeakSet<object>();

/** Whether a value is a bag, of any session. */
export function isBag(value: unknown): value is BagMethods<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && bags.has(value);
}

/** A bag over the session's variables; it holds none itself. */
export function createBag(variables: BagVariables, name: string): object {
  return new BagView(variables, name).face;
}

/**
 * A bag that is looked up at every use: what a class keeps in a field, though each request has a
 * session of its own.
 */
export function createLateBag(lookUp: () => object): object {
  const forward = {
    get: (_, name) => Reflect.get(lookUp(), name) as unknown,
    set: (_, name, value) => Reflect.set(lookUp(), name, value),
    has: (_, name) => Reflect.has(lookUp(), name),
    deleteProperty: (_, name) => Reflect.deleteProperty(lookUp(), name),
    ownKeys: () => Reflect.ownKeys(lookUp()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(lookUp(), name),
    defineProperty: (_, name, property) => Reflect.defineProperty(lookUp(), name, property),
    getPrototypeOf: () => Object.prototype,
    preventExtensions: () => false,
  } satisfies ProxyHandler<object>;
  const bag = new Proxy(
    printable(() => lookUp()),
    forward,
  );
  bags.add(bag);
  return bag;
}

class BagView {
  /** What the application sees: the methods, and the variables as properties. */
  readonly face: object;
  readonly #variables: BagVariables;
  readonly #name: string;

  constructor(variables: BagVariables, name: string) {
    this.#variables = variables;
    this.#name = name;
    this.face = new Proxy(
      printable(() => this.toJSON()),
      new BagHandler(this),
    );
    bags.add(this.face);
  }

  get size(): number {
    return this.keys().length;
  }

  get(name: string, fallback?: unknown): unknown {
    const value = this.#variables.get(this.#unit(name));
    return value === undefined ? fallback : value;
  }

  set(name: string, value: unknown): object {
    this.#variables.set(this.#unit(name), value);
    return this.face;
  }

  has(name: string): boolean {
    return this.#variables.has(this.#unit(name));
  }

  remove(name: string): boolean {
    return this.#variables.remove(this.#unit(name));
  }

  pull(name: string, fallback?: unknown): unknown {
    const value = this.get(name, fallback);
    this.remove(name);
    return value;
  }

  update(name: string, fn: (value: unknown) => unknown): Promise<unknown> {
    return this.#variables.update(this.#unit(name), fn);
  }

  clear(): object {
    this.#variables.clearBag(this.#name);
    return this.face;
  }

  init(values: object): object {
    const entries = Object.entries(isBag(values) ? values.toJSON() : values);
    this.#variables.initBag(this.#name, entries);
    return this.face;
  }

  keys(): string[] {
    return this.#variables.properties(this.#name);
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this);
  }

  *[Symbol.iterator](): IterableIterator<[string, unknown]> {
    for (const name of this.keys()) yield [name, this.get(name)];
  }

  #unit(property: string): Unit {
    return { name: this.#name, property };
  }
}

const METHODS: ReadonlySet<string | symbol> = new Set(
  Reflect.ownKeys(BagView.prototype).filter((name) => name !== 'constructor'),
);

/** Makes a bag's variables look like properties. */
class BagHandler implements ProxyHandler<object> {
  constructor(private readonly view: BagView) {}

  get(_: object, name: string | symbol, bag: unknown): unknown {
    if (METHODS.has(name)) {
      const member: unknown = Reflect.get(this.view, name);
      return typeof member === 'function' ? (member.bind(this.view) as unknown) : member;
    }
    if (typeof name === 'string') {
      const value = this.view.get(name);
      if (value !== undefined) return value;
    }
    return Reflect.get(Object.prototype, name, bag);
  }

  set(_: object, name: string | symbol, value: unknown): boolean {
    this.view.set(variableName(name), value);
    return true;
  }

  has(_: object, name: string | symbol): boolean {
    return typeof name === 'string' && this.view.has(name);
  }

  deleteProperty(_: object, name: string | symbol): boolean {
    if (typeof name === 'string') this.view.remove(variableName(name));
    return true;
  }

  ownKeys(): string[] {
    return this.view.keys();
  }

  getOwnPropertyDescriptor(_: object, name: string | symbol): PropertyDescriptor | undefined {
    if (!this.has(_, name)) return undefined;
    const value = this.view.get(String(name));
    return { value, writable: true, enumerable: true, configurable: true };
  }

  defineProperty(_: object, name: string | symbol, property: PropertyDescriptor): boolean {
    if (property.get !== undefined || property.set !== undefined) {
      throw new TypeError('A bag stores values; it cannot have accessors.');
    }
    return this.set(_, name, property.value);
  }

  getPrototypeOf(): object {
    return Object.prototype;
  }

  preventExtensions(): boolean {
    return false;
  }
}

function variableName(name: string | symbol): string {
  if (typeof name === 'symbol') throw new TypeError('A variable of a bag is named by a string.');
  if (METHODS.has(name)) {
    throw new TypeError(
      `"${name}" is a method of every bag. Use bag.get('${name}'), bag.set('${name}', value) and ` +
        `bag.remove('${name}') for a variable of that name.`,
    );
  }
  return name;
}

/** Something that prints as what `read` gives; without a session, as that fact. */
function printable(read: () => object): object {
  return Object.defineProperty({}, inspect.custom, {
    configurable: true,
    value(): unknown {
      try {
        return read();
      } catch {
        return 'Bag {}';
      }
    },
  });
}
