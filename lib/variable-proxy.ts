import { inspect } from 'node:util';

/** Variables under their names, and what else can be done with them. */
export interface VariableView {
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
  has(name: string): boolean;
  remove(name: string): boolean;
  keys(): string[];
  toJSON(): Record<string, unknown>;
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

/** An object with a view's variables as its properties, and the view's members before them. */
export function createVariableProxy(view: VariableView, members: ViewMembers): object {
  const target = printable(() => view.toJSON());
  return new Proxy(target, new VariableHandler(view, members));
}

/** Something that prints as what `read` gives; without a session, as that fact. */
export function printable(read: () => object): object {
  return {
    [inspect.custom]: () => {
      try {
        return read();
      } catch {
        return 'Bag {}';
      }
    },
  };
}

class VariableHandler implements ProxyHandler<object> {
  readonly #view: VariableView;
  readonly #members: ViewMembers;

  constructor(view: VariableView, members: ViewMembers) {
    this.#view = view;
    this.#members = members;
  }

  get(_: object, name: string | symbol, proxy: unknown): unknown {
    const view = this.#view;
    if (this.#members.names.has(name)) {
      const member: unknown = Reflect.get(view, name);
      return typeof member === 'function' ? (member.bind(view) as unknown) : member;
    }
    if (typeof name === 'string') {
      const value = view.get(name);
      if (value !== undefined) return value;
    }
    return Reflect.get(Object.prototype, name, proxy);
  }

  set(_: object, name: string | symbol, value: unknown): boolean {
    this.#view.set(this.#variableName(name), value);
    return true;
  }

  has(_: object, name: string | symbol): boolean {
    return typeof name === 'string' && this.#view.has(name);
  }

  deleteProperty(_: object, name: string | symbol): boolean {
    if (typeof name === 'string') this.#view.remove(this.#variableName(name));
    return true;
  }

  ownKeys(): string[] {
    return this.#view.keys();
  }

  getOwnPropertyDescriptor(_: object, name: string | symbol): PropertyDescriptor | undefined {
    if (!this.has(_, name)) return undefined;
    const value = this.#view.get(String(name));
    return { value, writable: true, enumerable: true, configurable: true };
  }

  defineProperty(_: object, name: string | symbol, property: PropertyDescriptor): boolean {
    if (property.get !== undefined || property.set !== undefined) {
      throw new TypeError('A session stores values; it cannot have accessors.');
    }
    return this.set(_, name, property.value);
  }

  getPrototypeOf(): object {
    return Object.prototype;
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
