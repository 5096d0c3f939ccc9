import { effectOf, type Step } from '../journal/step.js';
import { type Violation, violation } from '../journal/violation.js';

/** Orders are added to a list by `update`: each is there once, for good, and in its place. */
export function checkOrders(steps: readonly Step[]): Violation[] {
  const made = new Map(
    steps.flatMap((step) =>
      step.action.kind === 'order' ? [[step.action.token, step] as const] : [],
    ),
  );
  const reads = steps.filter(({ visit }) => visit !== undefined);
  return [
    ...reads.flatMap((read) => checkList(read, made)),
    ...checkGrowth(reads),
    ...Array.from(made).flatMap(([token, step]) => checkPresence(token, step, reads)),
  ].slice(0, 1);
}

/** What one answer shows must have been ordered by then, and once. */
function checkList(read: Step, made: ReadonlyMap<string, Step>): Violation[] {
  const orders = read.visit?.orders ?? [];
  return orders.flatMap((token, index) => {
    const step = made.get(token);
    const effect = step && effectOf(step);
    const proofs = step === undefined ? [read] : [step, read];
    if (orders.indexOf(token) !== index) {
      return [
        violation('a change is applied twice', `the order ${token} is there twice.`, ...proofs),
      ];
    }
    if (effect !== undefined && effect.from <= read.ended) return [];
    const rule =
      step?.outcome === 'refused' ? 'a refused change is there' : "another's data is shown";
    return [violation(rule, `the order ${token} is there, which was not made.`, ...proofs)];
  });
}

/** The list only grows at its end. */
function checkGrowth(reads: readonly Step[]): Violation[] {
  const longest = reads.reduce<Step | undefined>(
    (known, read) => (lengthOf(read) > lengthOf(known) ? read : known),
    undefined,
  );
  const whole = longest?.visit?.orders ?? [];
  const other = reads.find(({ visit }) =>
    visit?.orders.some((token, index) => token !== whole[index]),
  );
  if (other === undefined || longest === undefined) return [];
  const text = 'two answers show lists of orders neither of which goes on from the other.';
  return [violation('an acknowledged change is missing', text, other, longest)];
}

/** An order that was accepted, or seen, before a request began is in its answer. */
function checkPresence(token: string, step: Step, reads: readonly Step[]): Violation[] {
  const has = ({ visit }: Step): boolean => visit?.orders.includes(token) ?? false;
  const proofs = [...(step.outcome === 'done' ? [step] : []), ...reads.filter(has)];
  const proof = proofs.toSorted((a, b) => a.ended - b.ended)[0];
  const without = reads.find((read) => proof && proof.ended < read.begun && !has(read));
  if (proof === undefined || without === undefined) return [];
  const text = `the order ${token} is missing.`;
  return [violation('an acknowledged change is missing', text, proof, without)];
}

function lengthOf(read: Step | undefined): number {
  return read?.visit?.orders.length ?? 0;
}
