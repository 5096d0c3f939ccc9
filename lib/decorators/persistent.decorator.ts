import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { createLateBag } from '../bag.js';
import { currentSession, SessionContext } from '../session.context.js';
import { PersistentNames } from './persistent-names.js';

const PERSISTENT_BAGS = Symbol('nestjs-session-bag:persistent');

/**
 * Puts the bag of the instantiated class into a property: data that this class keeps between the
 * requests of one session. It works on every class that Nest instantiates and leaves its scope as
 * it is; a subclass has a bag of its own.
 *
 * @param name what to call the bag instead of after the class; needed where classes share a name,
 * or a build shortens names
 * @publicApi
 */
export function Persistent(name?: string): PropertyDecorator {
  return (prototype, property) => {
    const host = prototype.constructor;
    Reflect.defineMetadata(PERSISTENT_BAGS, new Map([...declared(host), [property, name]]), host);

    // Nest assigns what it injects. Here it assigns to a setter, which so learns the instance, and
    // its class: no provider can know that. The setter then fills the decorated field. Nest prints
    // the name of the setter where it finds no SessionContext.
    const entrance = Symbol(
      `@Persistent() ${String(property)}: add SessionModule.forRoot() to the imports of the root module`,
    );
    Object.defineProperty(prototype, entrance, {
      set(this: object, context: object) {
        namesOf(context).claim(name ?? this.constructor.name, this.constructor);
        const bag = createLateBag(() => currentSession().persistent(name ?? this.constructor));
        const field = { value: bag, enumerable: true, configurable: true, writable: true };
        Object.defineProperty(this, property, field);
      },
    });
    Inject(SessionContext)(prototype, entrance);
  };
}

/**
 * The names in each application, by its SessionContext. Those of middleware are known only when it
 * is made.
 */
const names = new WeakMap<object, PersistentNames>();

function namesOf(context: object): PersistentNames {
  const known = names.get(context) ?? new PersistentNames();
  names.set(context, known);
  return known;
}

/** The names of the bags that instances of a class have; none for a class without `@Persistent`. */
export function persistentBagsOf(host: Function): string[] {
  return Array.from(declared(host).values(), (name) => name ?? host.name);
}

/** The properties that bear the decorator, each with the name that it gives. */
function declared(host: Function): ReadonlyMap<string | symbol, string | undefined> {
  const bags = Reflect.getMetadata(PERSISTENT_BAGS, host) as
    ReturnType<typeof declared> | undefined;
  return bags ?? new Map();
}
