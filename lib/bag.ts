import { inspect, types } from 'node:util';
import type { BagMethods } from './interfaces/bag.interface.js';
import type { Unit } from './record/changes.js';
import { memberNames, printed, VariableHandler, type VariableView } from './variable-proxy.js';

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

/** What only bags have, of those too that are looked up late. */
const IS_BAG = Symbol('is a bag');

/** Whether a value is a bag, of any session. */
export function isBag(value: unknown): value is BagMethods<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && IS_BAG in value;
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
    set: (_, name, value, receiver) =>
      receiver === late
        ? Reflect.set(lookUp(), name, value)
        : Reflect.set(lookUp(), name, value, receiver),
    has: (_, name) => name === IS_BAG || Reflect.has(lookUp(), name),
    deleteProperty: (_, name) => Reflect.deleteProperty(lookUp(), name),
    ownKeys: () => Reflect.ownKeys(lookUp()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(lookUp(), name),
    defineProperty: (_, name, property) => Reflect.defineProperty(lookUp(), name, property),
    getPrototypeOf: () => Object.prototype,
    setPrototypeOf: (_, prototype) => prototype === Object.prototype,
    preventExtensions: () => false,
  } satisfies ProxyHandler<object>;
  const late: object = new Proxy({ [inspect.custom]: () => printed(lookUp) }, forward);
  return late;
}

class BagView implements VariableView {
  /** What the application sees: the methods, and the variables as properties. */
  readonly face: object;
  readonly #variables: BagVariables;
  readonly #name: string;

  constructor(variables: BagVariables, name: string) {
    this.#variables = variables;
    this.#name = name;
    this.face = new Proxy<VariableView>(this, bagHandler);
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
    this.#variables.initBag(this.#name, entriesOf(values));
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

  [inspect.custom](): object | string {
    return printed(() => this.toJSON());
  }

  #unit(property: string): Unit {
    return { name: this.#name, property };
  }
}

/** @throws TypeError for what holds no names, such as a Map: it would leave the bag empty */
function entriesOf(values: object): [string, unknown][] {
  if (isBag(values)) return Object.entries(values.toJSON());
  const isObject = typeof values === 'object' && values !== null;
  if (!isObject || Symbol.iterator in values || types.isPromise(values)) {
    throw new TypeError(
      'init() takes an object of names and values. Make one of a Map or of pairs by ' +
        'Object.fromEntries(), and await a promise.',
    );
  }
  const symbols = Object.getOwnPropertySymbols(values);
  if (symbols.some((name) => Object.prototype.propertyIsEnumerable.call(values, name))) {
    throw new TypeError('A variable is named by a string.');
  }
  return Object.entries(values);
}

class BagHandler extends VariableHandler {
  override has(view: VariableView, name: string | symbol): boolean {
    return name === IS_BAG || super.has(view, name);
  }
}

const bagHandler = new BagHandler({
  names: memberNames(BagView),
  refusal: (name) =>
    `"${name}" is a method of every bag. Use bag.get('${name}'), bag.set('${name}', value) and ` +
    `bag.remove('${name}') for a variable of that name.`,
});
