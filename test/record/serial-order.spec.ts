import { describe, it } from '@jest/globals';
import { deepEqual } from 'node:assert';
import fc from 'fast-check';
import { type Model, type Operation, PlayedRequest } from './serial-model.js';

const variable = fc.constantFrom('a', 'b');
const bag = fc.constantFrom('user', 'cart');
const property = fc.constantFrom('x', 'y');
const number = fc.nat({ max: 99 });
const bagValues = fc.dictionary(property, fc.tuple(number), { noNullPrototype: true });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('set', 'touch'), name: variable, value: number }),
  fc.record({ kind: fc.constant('remove'), name: fc.oneof(variable, bag) }),
  fc.record({ kind: fc.constantFrom('setIn', 'touchIn'), bag, name: property, value: number }),
  fc.record({ kind: fc.constant('removeIn'), bag, name: property }),
  fc.record({ kind: fc.constant('clearBag'), name: bag }),
  fc.record({ kind: fc.constantFrom('setBag', 'init'), bag, values: bagValues }),
  fc.record({ kind: fc.constant('clear') }),
) as fc.Arbitrary<Operation>;

/** Which request goes on, and with what: an operation, or its commit. */
const turn = fc.record({
  request: fc.nat({ max: 2 }),
  act: fc.oneof(
    { weight: 4, arbitrary: operation },
    { weight: 1, arbitrary: fc.constant('commit') },
  ),
});

describe('R11 commits', () => {
  it('give what the requests would give one after the other, in the order of their commits', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), fc.array(turn, { maxLength: 30 }), play),
      { numRuns: 1000 },
    );
  });
});

function play(
  first: readonly Operation[],
  turns: readonly { request: number; act: Operation | string }[],
): void {
  const store = new Store();
  const beginner = store.open();
  for (const each of first) beginner.play(each);
  store.commit(beginner);
  const requests = [0, 1, 2].map(() => store.open());
  for (const { request: index, act } of turns) {
    const request = requests[index % requests.length];
    if (request === undefined) continue;
    if (typeof act === 'string') store.commit(request);
    else request.play(act);
  }
  for (const request of requests) store.commit(request);
}

/** A record, of which a commit takes the newest state; beside it the model's. */
class Store {
  #record: Model = {};
  #model: Model = {};
  #version = 0;

  open(): PlayedRequest {
    return new PlayedRequest(this.#record, String(this.#version));
  }

  commit(request: PlayedRequest): void {
    const { values } = request;
    const own = values.basedOn(String(this.#version));
    const changes = values.take();
    const variables = own ?? new Map(Object.entries(this.#record));
    if (own === undefined) changes.replay(variables);
    this.#record = structuredClone(Object.fromEntries(variables));
    this.#version++;
    values.accepted(own === undefined ? null : String(this.#version));
    this.#model = request.commitToModel(this.#model);
    deepEqual(this.#record, this.#model);
  }
}
