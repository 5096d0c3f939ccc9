import { effectOf, type Step } from '../journal/step.js';
import { type Violation, violation } from '../journal/violation.js';

/** The counter: every answer shows as many as were counted for certain by then, or may have been. */
export function checkCounts(steps: readonly Step[]): Violation[] {
  const counted = steps.filter(({ action }) => action.kind === 'count');
  const acknowledged = counted.filter(({ outcome }) => outcome === 'done');
  const reads = steps.filter(({ visit }) => visit !== undefined);
  const violations = reads.flatMap((read) => checkBounds(read, counted));
  return [...violations, ...checkUnique(acknowledged), ...checkOrder(reads)].slice(0, 1);
}

function checkBounds(read: Step, counted: readonly Step[]): Violation[] {
  const count = countIn(read);
  const effects = counted.map(effectOf).filter((effect) => effect !== undefined);
  const least = effects.filter(({ to }) => to < read.begun).length;
  const most = effects.filter(({ from }) => from <= read.ended).length;
  if (count < least) {
    const text = `the counter is ${count}, although ${least} had been acknowledged.`;
    return [violation('an acknowledged change is missing', text, read)];
  }
  if (count <= most) return [];
  const text = `the counter is ${count}, although no more than ${most} had been asked for.`;
  return [violation('a change is applied twice', text, read)];
}

/** Each of those who counted has a number of its own. */
function checkUnique(acknowledged: readonly Step[]): Violation[] {
  const byCount = new Map<number, Step>();
  for (const step of acknowledged) {
    const other = byCount.get(countIn(step));
    if (other !== undefined) {
      const text = `two requests have counted to ${countIn(step)}.`;
      return [violation('an acknowledged change is missing', text, other, step)];
    }
    byCount.set(countIn(step), step);
  }
  return [];
}

/** What has been seen does not go back. */
function checkOrder(reads: readonly Step[]): Violation[] {
  let highest: Step | undefined;
  const ended = reads.toSorted((a, b) => a.ended - b.ended).values();
  let next = ended.next();
  for (const read of reads.toSorted((a, b) => a.begun - b.begun)) {
    for (; !next.done && next.value.ended < read.begun; next = ended.next()) {
      if (highest === undefined || countIn(next.value) > countIn(highest)) highest = next.value;
    }
    if (highest !== undefined && countIn(read) < countIn(highest)) {
      const text = `the counter has gone back from ${countIn(highest)} to ${countIn(read)}.`;
      return [violation('an acknowledged change is missing', text, highest, read)];
    }
  }
  return [];
}

function countIn({ visit }: Step): number {
  return visit?.count ?? 0;
}
