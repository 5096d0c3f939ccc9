import { SessionConflictException } from '../exceptions/session.exceptions.js';
import { isPlainObject, setOwn } from './plain-object.js';
import type { Variables } from './record.js';

/** One variable, or one property of the bag that a variable is. */
export interface Unit {
  readonly name: string;
  readonly property?: string;
}

/** A change without its value. Without a name it is of all of the application's variables. */
export interface ListedChange extends Partial<Unit> {
  readonly kind: 'set' | 'remove' | 'clear' | 'lifetime';
}

type UnitChange = { readonly kind: 'set'; readonly value: unknown } | { readonly kind: 'remove' };

interface BagChange {
  readonly kind: 'bag';
  /** Whether what the newest record has in the bag goes first. */
  readonly cleared: boolean;
  readonly properties: Map<string, UnitChange>;
}

const REMOVE: UnitChange = { kind: 'remove' };

/**
 * What a request did to a session: operations, not results, so that they can be replayed on a
 * record that others have changed meanwhile. Of several operations on one unit only the last one
 * counts, so they are kept by unit.
 */
export class Changes {
  #cleared = false;
  #variables = new Map<string, UnitChange | BagChange>();
  /** The session's new idle lifetime in seconds. */
  lifetime: number | undefined;

  /** @param scope what the names of this application's variables begin with; '' for all names */
  constructor(readonly scope: string) {}

  /** Whether the unit, or the bag that it is in, is set as a whole. */
  isSet({ name, property }: Unit): boolean {
    const change = this.#variables.get(name);
    if (change?.kind !== 'bag') return change?.kind === 'set';
    return property !== undefined && change.properties.get(property)?.kind === 'set';
  }

  get isEmpty(): boolean {
    return this.#variables.size === 0 && !this.#cleared && this.lifetime === undefined;
  }

  set({ name, property }: Unit, value: unknown): void {
    this.#record(name, property, { kind: 'set', value });
  }

  remove({ name, property }: Unit): void {
    this.#record(name, property, REMOVE);
  }

  /** Removes all variables of the application. */
  clear(): void {
    this.#cleared = true;
    this.#variables.clear();
  }

  clearBag(name: string): void {
    this.#variables.set(name, { kind: 'bag', cleared: true, properties: new Map() });
  }

  /** The units that are set, with their values. */
  *sets(): Generator<[Unit, unknown]> {
    for (const [name, change] of this.#variables) {
      if (change.kind === 'set') yield [{ name }, change.value];
      if (change.kind !== 'bag') continue;
      for (const [property, inner] of change.properties) {
        if (inner.kind === 'set') yield [{ name, property }, inner.value];
      }
    }
  }

  /** What there is to store, in the order of its first change. */
  *list(): Generator<ListedChange> {
    if (this.lifetime !== undefined) yield { kind: 'lifetime' };
    if (this.#cleared) yield { kind: 'clear' };
    for (const [name, change] of this.#variables) {
      if (change.kind !== 'bag') yield { kind: change.kind, name };
      else {
        if (change.cleared) yield { kind: 'clear', name };
        for (const [property, { kind }] of change.properties) yield { kind, name, property };
      }
    }
  }

  /** Adds changes that were made after these. */
  append(later: Changes): void {
    if (later.#cleared) this.clear();
    for (const [name, change] of later.#variables) {
      if (change.kind !== 'bag') {
        this.#variables.set(name, change);
        continue;
      }
      if (change.cleared) this.clearBag(name);
      for (const [property, inner] of change.properties) this.#record(name, property, inner);
    }
    this.lifetime = later.lifetime ?? this.lifetime;
  }

  /**
   * Does the same to other variables, in place.
   *
   * @throws SessionConflictException when a bag of ours has become another kind of value there
   */
  replay(variables: Variables): void {
    if (this.#cleared) {
      for (const name of variables.keys()) {
        if (name.startsWith(this.scope)) variables.delete(name);
      }
    }
    for (const [name, change] of this.#variables) {
      if (change.kind === 'set') variables.set(name, change.value);
      else if (change.kind === 'remove') variables.delete(name);
      else replayOnBag(variables, name, change);
    }
  }

  #record(name: string, property: string | undefined, change: UnitChange): void {
    if (property === undefined) {
      this.#variables.set(name, change);
      return;
    }
    const known = this.#variables.get(name);
    if (known?.kind === 'bag') {
      known.properties.set(property, change);
    } else if (known?.kind !== 'set') {
      const properties = new Map([[property, change]]);
      this.#variables.set(name, { kind: 'bag', cleared: known?.kind === 'remove', properties });
    } else if (isPlainObject(known.value) && Object.keys(known.value).length === 0) {
      this.#variables.set(name, REMOVE);
    }
    // Else the whole bag was set: its object is the one in use, and has the change already.
  }
}

function replayOnBag(variables: Variables, name: string, change: BagChange): void {
  const found = change.cleared ? undefined : variables.get(name);
  if (found !== undefined && !isPlainObject(found)) {
    throw new SessionConflictException(
      'Another request has replaced a bag by a value of another kind. Repeat the request.',
    );
  }
  const bag = found !== undefined && Object.isExtensible(found) ? found : { ...found };
  for (const [property, inner] of change.properties) {
    if (inner.kind === 'set') setOwn(bag, property, inner.value);
    else Reflect.deleteProperty(bag, property);
  }
  if (Object.keys(bag).length === 0) variables.delete(name);
  else variables.set(name, bag);
}
