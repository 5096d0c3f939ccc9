import { Changes, type Unit } from './changes.js';
import { HandedOutObjects } from './handed-out.js';
import { getOwn, isPlainObject, setOwn } from './plain-object.js';
import type { Variables } from './record.js';

/**
 * The variables as one request sees them, and what it changed. Pure: it knows neither store nor
 * request. Names are full names; those of this application begin with the scope.
 */
export class SessionValues {
  readonly #scope: string;
  readonly #variables: Variables;
  readonly #handedOut: HandedOutObjects;
  #pending: Changes;
  /** The stored text that the variables stem from; undefined before the first, null when unknown. */
  #base: string | undefined | null;

  constructor(scope: string, variables: Variables = new Map(), base?: string) {
    this.#scope = scope;
    this.#variables = variables;
    this.#base = base;
    this.#pending = new Changes(scope);
    this.#handedOut = new HandedOutObjects((unit) => this.#label(unit));
  }

  /** The names of this application's variables, in full. */
  names(): string[] {
    const names = [...this.#variables.keys()];
    return this.#scope === '' ? names : names.filter((name) => name.startsWith(this.#scope));
  }

  get isEmpty(): boolean {
    return this.#variables.size === 0;
  }

  has(unit: Unit): boolean {
    return this.#peek(unit) !== undefined;
  }

  /** The same object at every call; what is changed inside is found at the commit. */
  get(unit: Unit): unknown {
    const value = this.#peek(unit);
    if (typeof value !== 'object' || value === null) return value;
    if (!this.#handedOut.isWatched(unit) && !this.#pending.isSet(unit)) {
      this.#handedOut.watch(unit, value);
    }
    return value;
  }

  /** The names in a bag. */
  properties(name: string): string[] {
    const bag = this.#bag(name);
    return bag ? Object.keys(bag).filter((property) => bag[property] !== undefined) : [];
  }

  set(unit: Unit, value: unknown): void {
    const { name, property } = unit;
    if (property === undefined) {
      this.#handedOut.forgetVariable(name);
      this.#variables.set(name, value);
      this.#pending.set(unit, value);
      return;
    }
    this.#changeBag(name, (bag) => {
      this.#handedOut.forget(unit);
      setOwn(bag, property, value);
      this.#pending.set(unit, value);
    });
  }

  /** False: there was nothing to remove now; what others put there meanwhile goes all the same. */
  remove(unit: Unit): boolean {
    const { name, property } = unit;
    const found = this.has(unit);
    if (property === undefined) {
      this.#handedOut.forgetVariable(name);
      this.#variables.delete(name);
      this.#pending.remove(unit);
    } else {
      this.#changeBag(name, (bag) => {
        this.#handedOut.forget(unit);
        Reflect.deleteProperty(bag, property);
        this.#pending.remove(unit);
      });
    }
    return found;
  }

  clear(): void {
    for (const name of this.names()) this.#variables.delete(name);
    this.#handedOut.forgetAll();
    this.#pending.clear();
  }

  clearBag(name: string): void {
    this.#bag(name);
    this.#handedOut.forgetVariable(name);
    this.#variables.delete(name);
    this.#pending.clearBag(name);
  }

  /** The session's new idle lifetime in seconds, as long as it is not stored. */
  get lifetime(): number | undefined {
    return this.#pending.lifetime;
  }

  set lifetime(seconds: number) {
    this.#pending.lifetime = seconds;
  }

  /** Whether there is anything to store. What cannot be compared, since it cannot be stored, counts. */
  hasChanges(): boolean {
    if (!this.#pending.isEmpty) return true;
    try {
      return this.#handedOut.changed().next().done === false;
    } catch {
      return true;
    }
  }

  /**
   * Hands over all changes made until now; those that follow are kept apart.
   *
   * @throws SessionSerializationException when one of them cannot be stored; nothing is handed over
   */
  take(): Changes {
    const changed = [...this.#handedOut.changed()];
    for (const { unit, value } of changed) {
      const isWhole = unit.property === undefined;
      // Else its properties are among the others.
      if (!isWhole || this.#handedOut.isChangedAsWhole(unit.name)) this.#pending.set(unit, value);
    }
    const taken = this.#pending;
    for (const [unit, value] of taken.sets()) this.#handedOut.watch(unit, value);
    // A property that goes along with its whole bag is not among the sets, but taken all the same.
    for (const { unit, value } of changed) this.#handedOut.watch(unit, value);
    this.#pending = new Changes(this.#scope);
    return taken;
  }

  /** The store did not take them: they come before what was changed since. */
  giveBack(taken: Changes): void {
    taken.append(this.#pending);
    this.#pending = taken;
  }

  /**
   * The variables with all changes, where they stem from the newest stored text. Undefined where they
   * do not, so that the changes have to be replayed on the newest variables.
   */
  basedOn(newest: string | undefined): Variables | undefined {
    return newest === this.#base ? this.#variables : undefined;
  }

  /** The store took the changes. `text` is what stands there now, null if others' changes are in it. */
  accepted(text: string | null): void {
    this.#base = text;
  }

  /** Takes over a value that was stored, but is not among the recorded changes. */
  adopt(unit: Unit, value: unknown): void {
    const { name, property } = unit;
    if (this.#pending.isSet({ name })) return;
    const stored = new Changes(this.#scope);
    if (value === undefined) stored.remove(unit);
    else stored.set(unit, value);
    if (property === undefined) this.#handedOut.forgetVariable(name);
    this.#apartFromWhole(name, () => {
      stored.replay(this.#variables);
      this.#pending.replay(this.#variables);
    });
    if (!this.#pending.isSet(unit)) this.#handedOut.watch(unit, value);
  }

  #peek({ name, property }: Unit): unknown {
    if (property === undefined) return this.#variables.get(name);
    const bag = this.#bag(name);
    return bag && getOwn(bag, property);
  }

  #bag(name: string): Record<string, unknown> | undefined {
    const value = this.#variables.get(name);
    if (value === undefined || isPlainObject(value)) return value;
    throw new TypeError(
      `The session's "${this.#label({ name })}" is no bag: it holds another kind of value. Remove ` +
        'that with session.remove() before using the name for a bag, or give the bag another name.',
    );
  }

  #changeBag(name: string, change: (bag: Record<string, unknown>) => void): void {
    const bag = this.#bag(name) ?? {};
    if (!Object.isExtensible(bag)) {
      throw new TypeError(
        `The object that was set as the session's "${this.#label({ name })}" is frozen. Set a copy ` +
          'of it, { ...object }, to use it as a bag.',
      );
    }
    this.#apartFromWhole(name, () => {
      this.#variables.set(name, bag);
      change(bag);
      if (Object.keys(bag).length === 0) this.#variables.delete(name);
    });
  }

  /**
   * Changes a property. Where the application holds the bag's whole object too, what it changed
   * inside until now is recorded first, so that the two kinds of change stay apart.
   */
  #apartFromWhole(name: string, change: () => void): void {
    const whole = { name };
    const isWatched = this.#handedOut.isWatched(whole);
    if (this.#handedOut.isChangedAsWhole(name)) {
      this.#pending.set(whole, this.#variables.get(name));
    }
    change();
    if (isWatched) this.#handedOut.watch(whole, this.#variables.get(name));
  }

  #label({ name, property }: Unit): string {
    const variable = name.slice(this.#scope.length);
    return property === undefined ? variable : `${variable}.${property}`;
  }
}
