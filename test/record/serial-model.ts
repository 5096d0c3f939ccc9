import { SessionValues } from '../../lib/record/session-values.js';

/** What a request may do to a session; `holder` is a bag, `touch` changes a value from within. */
export type Operation =
  | { readonly kind: 'set' | 'touch'; readonly name: string; readonly value: number }
  | { readonly kind: 'remove' | 'clearBag'; readonly name: string }
  | {
      readonly kind: 'setIn' | 'touchIn';
      readonly bag: string;
      readonly name: string;
      readonly value: number;
    }
  | { readonly kind: 'removeIn'; readonly bag: string; readonly name: string }
  | {
      readonly kind: 'setBag' | 'init';
      readonly bag: string;
      readonly values: Record<string, number[]>;
    }
  | { readonly kind: 'clear' };

/** A whole session, kept as a plain object: what running the operations one by one would give. */
export type Model = Record<string, unknown>;

/** A step that a request has recorded: the model's own, much simpler notion of replaying. */
type Step = (session: Model) => void;

/** A request that is played on the library and on the model at once. */
export class PlayedRequest {
  readonly values: SessionValues;
  #steps: Step[] = [];

  /** @param stored what the request has read */
  constructor(stored: Model, base: string) {
    this.values = new SessionValues('', new Map(Object.entries(structuredClone(stored))), base);
  }

  play(operation: Operation): void {
    const { values } = this;
    switch (operation.kind) {
      case 'set': {
        const { name } = operation;
        const value = [operation.value];
        values.set({ name }, value);
        this.#record((session) => (session[name] = structuredClone(value)));
        break;
      }
      case 'touch': {
        const { name } = operation;
        const value = values.get({ name });
        if (!Array.isArray(value)) return;
        value.push(operation.value);
        this.#record((session) => (session[name] = structuredClone(value)));
        break;
      }
      case 'remove':
        values.remove({ name: operation.name });
        this.#record((session) => delete session[operation.name]);
        break;
      case 'setIn': {
        const { bag, name } = operation;
        const value = [operation.value];
        values.set({ name: bag, property: name }, value);
        this.#record((session) => setIn(session, bag, name, structuredClone(value)));
        break;
      }
      case 'touchIn': {
        const { bag, name } = operation;
        const value = values.get({ name: bag, property: name });
        if (!Array.isArray(value)) return;
        value.push(operation.value);
        // Who holds the whole bag, too, has changed that property alone.
        if (operation.value % 2 === 0) values.get({ name: bag });
        this.#record((session) => setIn(session, bag, name, structuredClone(value)));
        break;
      }
      case 'removeIn':
        values.remove({ name: operation.bag, property: operation.name });
        this.#record((session) => removeIn(session, operation.bag, operation.name));
        break;
      case 'clearBag':
        values.clearBag(operation.name);
        this.#record((session) => delete session[operation.name]);
        break;
      case 'setBag': {
        const bag = structuredClone(operation.values);
        values.set({ name: operation.bag }, bag);
        this.#record((session) => (session[operation.bag] = structuredClone(operation.values)));
        break;
      }
      case 'init': {
        const { bag } = operation;
        const entries = Object.entries(structuredClone(operation.values));
        values.clearBag(bag);
        for (const [property, value] of entries) values.set({ name: bag, property }, value);
        this.#record((session) => {
          delete session[bag];
          for (const [name, value] of entries) setIn(session, bag, name, structuredClone(value));
        });
        break;
      }
      case 'clear':
        values.clear();
        this.#record((session) => {
          for (const name of Object.keys(session)) delete session[name];
        });
    }
  }

  /** The newest session after this request's steps, which are done with. */
  commitToModel(newest: Model): Model {
    const session = structuredClone(newest);
    for (const step of this.#steps.splice(0)) step(session);
    return session;
  }

  #record(step: Step): void {
    this.#steps.push(step);
  }
}

function setIn(session: Model, bag: string, name: string, value: unknown): void {
  session[bag] = { ...(session[bag] as object | undefined), [name]: value };
}

function removeIn(session: Model, bag: string, name: string): void {
  const found = session[bag] as Record<string, unknown> | undefined;
  if (found === undefined) return;
  delete found[name];
  if (Object.keys(found).length === 0) delete session[bag];
}
