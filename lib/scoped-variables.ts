import { type BagVariables, isBag } from './bag.js';
import type { SessionIntercept } from './interfaces/session-intercept.interface.js';
import { assertStorable } from './record/encode-value.js';
import type { Unit } from './record/changes.js';
import type { SessionValues } from './record/session-values.js';
import type { SessionGuard } from './session-guard.js';
import type { SessionLife } from './store/session-life.js';

/**
 * This application's part of a session: names without the application's prefix, and values as the
 * interceptor of the options wants them seen. The service and its bags share it.
 */
export class ScopedVariables implements BagVariables {
  readonly #life: SessionLife;
  readonly #guard: SessionGuard;
  readonly #scope: string;
  readonly #intercept: SessionIntercept | undefined;

  /** @param scope what the full names of this application's variables begin with */
  constructor(
    life: SessionLife,
    guard: SessionGuard,
    scope: string,
    intercept: SessionIntercept | undefined,
  ) {
    this.#life = life;
    this.#guard = guard;
    this.#scope = scope;
    this.#intercept = intercept;
  }

  get(unit: Unit): unknown {
    return this.#toReader(unit, this.#readable.get(this.#full(unit)));
  }

  has(unit: Unit): boolean {
    return this.#readable.has(this.#full(unit));
  }

  set(unit: Unit, value: unknown): void {
    const full = this.#full(unit);
    const values = this.#writable;
    const stored = this.#toStore(unit, value);
    if (stored === undefined) values.remove(full);
    else values.set(full, stored);
  }

  remove(unit: Unit): boolean {
    const full = this.#full(unit);
    return this.#writable.remove(full);
  }

  async update(unit: Unit, fn: (value: unknown) => unknown): Promise<unknown> {
    const full = this.#full(unit);
    this.#guard.assertMayCommit();
    assertIsBag(this.#life.values, full);
    const stored = await this.#life.update(full, label(unit), (value) =>
      this.#toStore(unit, fn(this.#toReader(unit, value))),
    );
    return this.#toReader(unit, stored);
  }

  names(): string[] {
    return this.#readable.names().map((name) => name.slice(this.#scope.length));
  }

  clear(): void {
    this.#writable.clear();
  }

  properties(bag: string): string[] {
    return this.#readable.properties(this.#full({ name: bag }).name);
  }

  clearBag(bag: string): void {
    this.#writable.clearBag(this.#full({ name: bag }).name);
  }

  initBag(bag: string, entries: readonly (readonly [string, unknown])[]): void {
    const { name } = this.#full({ name: bag });
    const values = this.#writable;
    // All of it is made first: a value that is refused must not leave half a bag behind.
    const stored = entries.map(([property, value]) => {
      const unit = { name: bag, property };
      return [this.#full(unit), this.#toStore(unit, value)] as const;
    });
    values.clearBag(name);
    for (const [unit, value] of stored) if (value !== undefined) values.set(unit, value);
  }

  get #readable(): SessionValues {
    this.#guard.assertStarted();
    return this.#life.values;
  }

  get #writable(): SessionValues {
    this.#guard.assertWritable();
    return this.#life.values;
  }

  #toReader(unit: Unit, value: unknown): unknown {
    const intercept = this.#intercept;
    if (value === undefined || intercept?.get === undefined) return value;
    return intercept.get(label(unit), value);
  }

  #toStore(unit: Unit, given: unknown): unknown {
    const intercept = this.#intercept;
    const seen = isBag(given) ? given.toJSON() : given;
    const value = intercept?.set && seen !== undefined ? intercept.set(label(unit), seen) : seen;
    if (value !== undefined) assertStorable(value, label(unit));
    return value;
  }

  /** A unit that names a property is never its whole bag, whatever the name is. */
  #full(unit: Unit): Unit {
    const { name, property } = unit;
    assertName(name);
    if ('property' in unit) assertName(property);
    return { name: this.#scope + name, property };
  }
}

/** @throws TypeError when a unit is a property and its variable holds no bag */
function assertIsBag(values: SessionValues, unit: Unit): void {
  if (unit.property !== undefined) values.has(unit);
}

function label({ name, property }: Unit): string {
  return property === undefined ? name : `${name}.${property}`;
}

function assertName(name: unknown): void {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('A session variable is named by a string that is not empty.');
  }
}
