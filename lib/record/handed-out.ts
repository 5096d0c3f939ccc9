import type { Unit } from './changes.js';
import { fingerprint } from './encode-value.js';
import { getOwn, isPlainObject } from './plain-object.js';

interface HandedOut {
  readonly unit: Unit;
  readonly value: object;
  readonly baseline: string;
}

/**
 * The objects that the application has in its hands, each with what it looked like when it was
 * last known to be stored. Comparing them shows what was changed inside.
 */
export class HandedOutObjects {
  readonly #objects = new Map<string, HandedOut>();

  /** @param label what an error calls a unit */
  constructor(private readonly label: (unit: Unit) => string) {}

  /** Takes what `value` looks like now as unchanged. Primitive values need no watching. */
  watch(unit: Unit, value: unknown): void {
    if (typeof value !== 'object' || value === null) this.forget(unit);
    else {
      const baseline = fingerprint(value, this.label(unit));
      this.#objects.set(address(unit), { unit, value, baseline });
    }
  }

  isWatched(unit: Unit): boolean {
    return this.#objects.has(address(unit));
  }

  /**
   * Whether a variable was changed inside, and not only in properties that were handed out on their
   * own: those are found by themselves. Throws as `changed` does.
   */
  isChangedAsWhole(name: string): boolean {
    const whole = this.#objects.get(address({ name }));
    if (whole === undefined || !this.#differs(whole)) return false;
    const found = this.#changedProperties(whole);
    if (found.size === 0) return true;
    // With notes on types the text is that of an array: then the variable counts as a whole.
    const before: unknown = JSON.parse(whole.baseline);
    const rest = fingerprint(without(whole.value, found), this.label({ name }));
    return !isPlainObject(before) || rest !== JSON.stringify(without(before, found));
  }

  forget(unit: Unit): void {
    this.#objects.delete(address(unit));
  }

  /** Forgets a variable and, where it is a bag, its properties. */
  forgetVariable(name: string): void {
    for (const [key, { unit }] of this.#objects) {
      if (unit.name === name) this.#objects.delete(key);
    }
  }

  forgetAll(): void {
    this.#objects.clear();
  }

  /**
   * The units that were changed inside.
   *
   * @throws SessionSerializationException when what was put inside cannot be stored
   */
  *changed(): Generator<HandedOut> {
    for (const object of this.#objects.values()) {
      if (this.#differs(object)) yield object;
    }
  }

  /** The properties that were changed inside, of those whose object is still in the variable. */
  #changedProperties({ unit: { name }, value }: HandedOut): Set<string> {
    const found = new Set<string>();
    for (const object of this.#objects.values()) {
      const { property } = object.unit;
      if (object.unit.name !== name || property === undefined) continue;
      if (getOwn(value, property) === object.value && this.#differs(object)) found.add(property);
    }
    return found;
  }

  #differs({ unit, value, baseline }: HandedOut): boolean {
    return fingerprint(value, this.label(unit)) !== baseline;
  }
}

function without(value: object, properties: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !properties.has(name)));
}

/** Tells every two units apart, such as a variable `a.b` and the property `b` of a bag `a`. */
function address({ name, property }: Unit): string {
  return property === undefined ? `0.${name}` : `${name.length}.${name}.${property}`;
}
