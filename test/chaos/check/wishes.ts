import { effectOf, type Step } from '../journal/step.js';
import { type Violation, violation } from '../journal/violation.js';

/** What became of one wish: each is made once, and taken back once at most. */
interface Wish {
  readonly item: string;
  readonly made: Step | undefined;
  readonly takenBack: Step | undefined;
}

/** Wishes come, and go, and stay away. */
export function checkWishes(steps: readonly Step[]): Violation[] {
  const reads = steps
    .filter(({ visit }) => visit !== undefined)
    .toSorted((a, b) => a.ended - b.ended);
  return wishesOf(steps).flatMap((wish) => checkWish(wish, reads));
}

function wishesOf(steps: readonly Step[]): Wish[] {
  const find = (kind: string, item: string) =>
    steps.find(({ action }) => action.kind === kind && 'item' in action && action.item === item);
  const items = new Set(
    steps.flatMap(({ action, visit }) => [
      ...('item' in action ? [action.item] : []),
      ...(visit?.wishes ?? []),
    ]),
  );
  return Array.from(items, (item) => ({
    item,
    made: find('wish', item),
    takenBack: find('unwish', item),
  }));
}

/** @param reads in the order of their ends, so that what one has shown is known to those after it */
function checkWish({ item, made, takenBack }: Wish, reads: readonly Step[]): Violation[] {
  const making = made && effectOf(made);
  const taking = takenBack && effectOf(takenBack);
  // The earliest steps by which it was there, and by which it was gone.
  let there = made?.outcome === 'done' ? made : undefined;
  let gone = takenBack?.outcome === 'done' ? takenBack : undefined;
  for (const read of reads) {
    if (read.visit?.wishes.includes(item)) {
      if (making === undefined || read.ended < making.from) return [neverMade(item, made, read)];
      if (gone !== undefined && gone.ended < read.begun) return [cameBack(item, gone, read)];
      there = earlier(there, read);
    } else if (there !== undefined && there.ended < read.begun) {
      if (taking === undefined || read.ended < taking.from) return [missing(item, there, read)];
      gone = earlier(gone, read);
    }
  }
  return [];
}

function earlier(known: Step | undefined, read: Step): Step {
  return known === undefined || read.ended < known.ended ? read : known;
}

function neverMade(item: string, made: Step | undefined, read: Step): Violation {
  const rule =
    made?.outcome === 'refused' ? 'a refused change is there' : "another's data is shown";
  const steps = made === undefined ? [read] : [made, read];
  return violation(rule, `the wish ${item} is there, which was not made.`, ...steps);
}

function cameBack(item: string, gone: Step, read: Step): Violation {
  const text = `the wish ${item}, which was taken back, is there again.`;
  return violation('an acknowledged change is missing', text, gone, read);
}

function missing(item: string, there: Step, read: Step): Violation {
  const text = `the wish ${item} is gone, which nobody has taken back.`;
  return violation('an acknowledged change is missing', text, there, read);
}
