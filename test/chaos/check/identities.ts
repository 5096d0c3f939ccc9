import { isDisturbed } from '../journal/disturbed.js';
import { foundNothing, mayHaveActed, type Step } from '../journal/step.js';
import type { Circumstances, IssuedId, Story } from '../journal/story.js';
import { type Violation, violation } from '../journal/violation.js';
import { certainRevocations, possibleRevocations } from './revocations.js';

/** What may have ended an id, and what certainly has. */
interface Ends {
  /** From then on it may open nothing, and as soon as one of the acts has begun. */
  readonly possibleFrom: number;
  readonly acts: readonly Step[];
  /** The earliest moment after which it must open nothing, and the step that says so. */
  readonly certain: Proof | undefined;
}

interface Proof {
  readonly at: number;
  readonly step: Step;
}

const ENDING = ['logout', 'regenerate', 'login'];
/** Milliseconds for which an id that was renewed still leads to its session. */
const LEADS_ON = 30_000;

/** Every id opens its own session until something ends it, and nothing ever after. */
export function checkIdentities(story: Story, circumstances: Circumstances): Violation[] {
  return Array.from(story.ids).flatMap(([id, issued]) => {
    const steps = story.steps.filter((step) => step.id === id);
    const ends = endsOf(story, issued, steps, circumstances);
    return steps.flatMap((step) => checkStep(step, ends, circumstances));
  });
}

function endsOf(
  story: Story,
  issued: IssuedId,
  own: readonly Step[],
  { troubles, renewAfter = Number.POSITIVE_INFINITY }: Circumstances,
): Ends {
  const { generation, by, countsFrom } = issued;
  const ending = story.steps.filter(({ id = '', action }) => {
    return ENDING.includes(action.kind) && story.ids.get(id)?.generation === generation;
  });
  // A logout under another id of the session may have come first, or last.
  const logouts = story.steps.filter(({ action }) => action.kind === 'logout');
  // What found no session, or never arrived, ended none.
  const possible = [...ending, ...logouts].filter(mayHaveActed);
  const losses = troubles.filter(({ mayLoseSessions, to }) => mayLoseSessions && to > by);
  const proofs: Proof[] = [
    ...own.filter(foundNothing).map(endOf),
    ...ending.filter(({ outcome }) => outcome === 'done').map(endOf),
    ...certainRevocations(story).map(endOf),
    ...own.filter(isRenewal).map((step) => ({ at: step.ended + LEADS_ON, step })),
  ];
  return {
    acts: possible,
    possibleFrom: Math.min(
      ...losses.map(({ from }) => from),
      ...possibleRevocations(story, 1000 * renewAfter),
      countsFrom + 1000 * renewAfter + LEADS_ON,
    ),
    certain: proofs.toSorted((a, b) => a.at - b.at)[0],
  };
}

function endOf(step: Step): Proof {
  return { at: step.ended, step };
}

/** Whether its answer gave the session that it found another id, by the clock. */
function isRenewal({ action, newId, id, outcome }: Step): boolean {
  const isItsOwn = ENDING.includes(action.kind) && outcome === 'done';
  return newId !== undefined && newId !== id && !isItsOwn;
}

function checkStep(
  step: Step,
  { possibleFrom, acts, certain }: Ends,
  { troubles, recovery }: Circumstances,
): Violation[] {
  // What a step has done itself is no reason to refuse it.
  const mayHaveEnded = acts.some((act) => act !== step && act.begun <= step.ended);
  if (step.ended < possibleFrom && !mayHaveEnded) {
    if (foundNothing(step) || step.status === 409) {
      return [violation('a session is lost', 'its id opens nothing, and nothing ended it.', step)];
    }
    if (step.isCut && !isDisturbed(step, troubles, recovery)) {
      const text = 'it was cut, and neither its session nor its store had ended.';
      return [violation('an answer is late or missing', text, step)];
    }
  }
  const isThere = step.visit?.born !== undefined;
  if (!isThere || certain === undefined || certain.at >= step.begun) return [];
  const text = 'its id had ended, and opens it again.';
  return [violation('a dead session answers', text, certain.step, step)];
}
