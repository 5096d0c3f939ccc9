import type { Unit } from './changes.js';
import { fingerprint } from './encode-value.js';

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

  /** Whether a watched unit was changed inside. Throws as `changed` does. */
  isChanged(unit: Unit): boolean {
    const object = this.#objects.get(address(unit));
    return object !== undefined && this.#differs(object);
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

  #differs({ unit, value, baseline }: HandedOut): boolean {
    return fingerprint(value, this.label(unit)) !== baseline;
  }
}

/** Tells every two units apart, such as a variable `a.b` and the property `b` of a bag `a`. */
function address({ name, property }: Unit): string {
  return property === undefined ? `0.${name}` : `${name.length}.${name}.${property}`;
}
