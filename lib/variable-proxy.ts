import type { inspect } from 'node:util';

/** Variables under their names, and what else can be done with them. */
export interface VariableView {
  /** The proxy of this view: what the application has. */
  readonly face: object;
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
  has(name: string): boolean;
  remove(name: string): boolean;
  keys(): string[];
  toJSON(): Record<string, unknown>;
  /** What is printed: see `printed`. */
  [inspect.custom](): object | string;
}

/** The members of a view that come before its variables. */
export interface ViewMembers {
  readonly names: ReadonlySet<string | symbol>;
  /** What an error says when somebody assigns to such a name. */
  refusal(name: string): string;
}

/** The names of what the instances of a class can do. */
export function memberNames(view: { readonly prototype: object }): ReadonlySet<string | symbol> {
  return new Set(Reflect.ownKeys(view.prototype).filter((name) => name !== 'constructor'));
}

/** What prints as what `read` gives; without a session, as that fact. */
export function printed(read: () => object): object | string {
  try {
    return read();
  } catch {
    return 'Bag {}';
  }
}

/** Has no properties and inherits none: assigning through it changes the receiver alone. */
const NOTHING = Object.freeze(Object.create(null) as object);

/**
 * Makes a view an object with the view's variables as its properties, and the view's members before
 * them: `new Proxy(view, new VariableHandler(members))`. One handler serves all views of a kind.
 */
export class VariableHandler implements ProxyHandler<VariableView> {
  readonly #members: ViewMembers;

  constructor(members: ViewMembers) {
    this.#members = members;
  }

  get(view: VariableView, name: string | symbol, proxy: unknown): unknown {
    if (this.#members.names.has(name)) {
      const member: unknown = Reflect.get(view, name);
      return typeof member === 'function' ? (member.bind(view) as unknown) : member;
    }
    if (typeof name === 'string') {
      const value = view.get(name);
      if (value !== undefined) return value;
    }
    // Where others have their prototype under this name, `bag[name][key] = value` would change it.
    return name === '__proto__' ? undefined : Reflect.get(Object.prototype, name, proxy);
  }

  set(view: VariableView, name: string | symbol, value: unknown, receiver: unknown): boolean {
    // What inherits from it is changed itself, as with every object.
    if (receiver !== view.face) return Reflect.set(NOTHING, name, value, receiver);
    view.set(this.#variableName(name), value);
    return true;
  }

  has(view: VariableView, name: string | symbol): boolean {
    return typeof name === 'string' && view.has(name);
  }

  deleteProperty(view: VariableView, name: string | symbol): boolean {
    if (typeof name === 'string') view.remove(this.#variableName(name));
    return true;
  }

  ownKeys(view: VariableView): string[] {
    return view.keys();
  }

  getOwnPropertyDescriptor(
    view: VariableView,
    name: string | symbol,
  ): PropertyDescriptor | undefined {
    if (!this.has(view, name)) return undefined;
    const value = view.get(String(name));
    return { value, writable: true, enumerable: true, configurable: true };
  }

  defineProperty(view: VariableView, name: string | symbol, property: PropertyDescriptor): boolean {
    if (property.get !== undefined || property.set !== undefined) {
      throw new TypeError('A session stores values; it cannot have accessors.');
    }
    const { writable = true, enumerable = true, configurable = true } = property;
    if (!writable || !enumerable || !configurable) {
      throw new TypeError('A session stores values; a variable cannot be read-only or hidden.');
    }
    const isSet = Object.hasOwn(property, 'value');
    return isSet ? this.set(view, name, property.value, view.face) : true;
  }

  getPrototypeOf(): object {
    return Object.prototype;
  }

  setPrototypeOf(_view: VariableView, prototype: object | null): boolean {
    return prototype === Object.prototype;
  }

  preventExtensions(): boolean {
    return false;
  }

  #variableName(name: string | symbol): string {
    if (typeof name === 'symbol') throw new TypeError('A variable is named by a string.');
    if (this.#members.names.has(name)) throw new TypeError(this.#members.refusal(name));
    return name;
  }
}
