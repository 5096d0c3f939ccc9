import { createBag } from './bag.js';
import type { Bag } from './interfaces/bag.interface.js';
import type { NamedBag, SessionData } from './interfaces/session-data.interface.js';
import type { ScopedVariables } from './scoped-variables.js';
import { SessionFlash } from './session.flash.js';

/** The part of a session that is about its variables. */
export abstract class SessionVariables {
  readonly #scoped: ScopedVariables;
  readonly #bags = new Map<string, object>();
  #flash: SessionFlash | undefined;

  /** @internal */
  constructor(scoped: ScopedVariables) {
    this.#scoped = scoped;
  }

  /**
   * The variable, or the fallback when there is none; `null`, `0`, `''` and `false` are values. An
   * object is the same at every call, and what is changed inside it is stored. `get('theme', 'light')`
   * is a string, and not `'light'` alone: that is what NoInfer is for.
   *
   * @throws SessionNotStartedException
   */
  get<K extends keyof SessionData>(name: K): SessionData[K] | undefined;
  get<K extends keyof SessionData, F>(name: K, fallback: F): Exclude<SessionData[K], undefined> | F;
  get<T = unknown>(name: string): T | undefined;
  get<T = unknown>(name: string, fallback: T): NoInfer<T>;
  get(name: string, fallback?: unknown): unknown {
    const value = this.#scoped.get({ name });
    return value === undefined ? fallback : value;
  }

  /** Gets the variable, or the fallback, and removes it. */
  pull<K extends keyof SessionData>(name: K): SessionData[K] | undefined;
  pull<K extends keyof SessionData, F>(
    name: K,
    fallback: F,
  ): Exclude<SessionData[K], undefined> | F;
  pull<T = unknown>(name: string): T | undefined;
  pull<T = unknown>(name: string, fallback: T): NoInfer<T>;
  pull(name: string, fallback?: unknown): unknown {
    const value = this.get(name, fallback);
    this.remove(name);
    return value;
  }

  /**
   * Sets the variable; undefined removes it.
   *
   * @throws SessionNotStartedException
   * @throws SessionSerializationException naming the path of what cannot be stored
   * @throws SessionHeadersSentException when this would begin a session and no cookie can be sent
   * @throws SessionContextException when the response is over
   * @throws SessionConflictException when this would begin a session and the request has two
   * different session cookies
   */
  set<N extends string>(
    name: N,
    value: N extends keyof SessionData ? SessionData[N] | undefined : unknown,
  ): this {
    this.#scoped.set({ name }, value);
    return this;
  }

  /** Whether there is such a variable; `null`, `0`, `''` and `false` are values. */
  has(name: string): boolean {
    return this.#scoped.has({ name });
  }

  /** Whether there was such a variable. Throws as `set` does. */
  remove(name: string): boolean {
    return this.#scoped.remove({ name });
  }

  /** The names of this application's variables. */
  keys(): string[] {
    return this.#scoped.names();
  }

  /** The number of this application's variables. */
  get size(): number {
    return this.keys().length;
  }

  /** Removes all of this application's variables. Throws as `set` does. */
  clear(): this {
    this.#scoped.clear();
    return this;
  }

  /** This application's variables as a plain object of its own; what is in them is not copied. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.keys().map((name) => [name, this.get(name)]));
  }

  /**
   * Changes one variable atomically, and commits what is pending with it. No other request's update
   * is lost.
   *
   * @param fn gets the newest value and returns the next, synchronously; it may run again.
   * Undefined removes the variable
   * @returns the value that the store has accepted
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException
   * @throws SessionHeadersSentException when this would begin a session and no cookie can be sent
   */
  update<K extends keyof SessionData>(
    name: K,
    fn: (value: SessionData[K] | undefined) => SessionData[K] | undefined,
  ): Promise<SessionData[K] | undefined>;
  update<T, N extends string = string>(
    name: N extends keyof SessionData ? never : N,
    fn: (value: T | undefined) => T | undefined,
  ): Promise<T | undefined>;
  update(name: string, fn: (value: never) => unknown): Promise<unknown> {
    return this.#scoped.update({ name }, fn as (value: unknown) => unknown);
  }

  /** The variables of that group; a view, the same at every call. */
  bag<K extends NamedBag>(name: K): Bag<Extract<SessionData[K], object>>;
  bag<T extends object = Record<string, unknown>>(name: string): Bag<T>;
  bag(name: string): object {
    let bag = this.#bags.get(name);
    if (bag === undefined) this.#bags.set(name, (bag = createBag(this.#scoped, name)));
    return bag;
  }

  /**
   * The bag that belongs to a class.
   *
   * @param owner the class, or its name
   */
  persistent<T extends object = Record<string, unknown>>(owner: Function | string): Bag<T> {
    const name: unknown = typeof owner === 'function' ? owner.name : owner;
    if (typeof name === 'string' && name !== '') return this.bag(`persistent:${name}`);
    throw new TypeError(
      'persistent() takes a class that has a name, or a name: a string that is not empty.',
    );
  }

  /** Messages for the next page that shows them. */
  get flash(): SessionFlash {
    return (this.#flash ??= new SessionFlash(this.#scoped));
  }
}
