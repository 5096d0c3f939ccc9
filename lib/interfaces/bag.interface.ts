/** Whether a type is `unknown`: unlike `any`, it cannot be taken for anything else. */
type IsUnknown<V> = unknown extends V ? ([V] extends [null] ? false : true) : false;

/** Every name, in a bag whose variables have no types; none in others. */
type AnyName<T> = string extends keyof T
  ? IsUnknown<T[keyof T]> extends true
    ? string
    : never
  : never;

/**
 * What every bag can do, whatever its variables are called.
 *
 * @publicApi
 */
export interface BagMethods<T extends object> {
  /** The variable, or the fallback when there is none; `null`, `0`, `''` and `false` are values. */
  get<V = unknown>(name: AnyName<T>): V | undefined;
  get<V = unknown>(name: AnyName<T>, fallback: V): NoInfer<V>;
  get<K extends keyof T & string>(name: K): T[K] | undefined;
  get<K extends keyof T & string, F>(name: K, fallback: F): Exclude<T[K], undefined> | F;

  /**
   * Sets the variable; undefined removes it.
   *
   * @throws SessionSerializationException naming the path of what cannot be stored
   */
  set<K extends keyof T & string>(name: K, value: T[K] | undefined): this;

  has(name: keyof T & string): boolean;

  /** Whether there was such a variable. */
  remove(name: keyof T & string): boolean;

  /** Gets the variable and removes it. */
  pull<V = unknown>(name: AnyName<T>): V | undefined;
  pull<V = unknown>(name: AnyName<T>, fallback: V): NoInfer<V>;
  pull<K extends keyof T & string>(name: K): T[K] | undefined;
  pull<K extends keyof T & string, F>(name: K, fallback: F): Exclude<T[K], undefined> | F;

  /**
   * Changes one variable atomically and commits what is pending with it: `fn` gets the newest
   * value, must be synchronous and may run again; undefined removes the variable.
   *
   * @returns the value that the store has accepted
   */
  update<V>(name: AnyName<T>, fn: (value: V | undefined) => V | undefined): Promise<V | undefined>;
  update<K extends keyof T & string>(
    name: K,
    fn: (value: T[K] | undefined) => T[K] | undefined,
  ): Promise<T[K] | undefined>;

  /** Removes all variables of the bag. */
  clear(): this;

  /**
   * Replaces all variables of the bag.
   *
   * @throws TypeError for what holds no names: a Map, an array, a promise
   * @throws SessionSerializationException as `set` does; the bag stays as it was
   */
  init(values: Partial<T>): this;

  keys(): (keyof T & string)[];

  readonly size: number;

  /** The variables as a plain object of its own; what is in them is not copied. */
  toJSON(): Partial<T>;

  /** The variables as pairs of name and value. */
  [Symbol.iterator](): IterableIterator<[keyof T & string, T[keyof T & string]]>;
}

/**
 * A named group of variables that are stored by being set: `user.name = 'Kimbra'`. Its methods come
 * first: a variable with the name of one of them is reached by `get` and `set` only.
 *
 * @publicApi
 */
export type Bag<T extends object = Record<string, unknown>> = BagMethods<T> &
  Partial<Omit<T, keyof BagMethods<T>>>;
