import { isDisturbed } from '../journal/disturbed.js';
import type { Step } from '../journal/step.js';
import type { Circumstances, Story, Trouble } from '../journal/story.js';
import type { Violation } from '../journal/violation.js';
import { checkBelongings, checkLogins } from './belongings.js';
import { checkCounts } from './counts.js';
import { checkIdentities } from './identities.js';
import { checkOrders } from './orders.js';
import { checkRegisters } from './registers.js';
import { checkWishes } from './wishes.js';

/** All that is wrong with a session's story. Answers that show another session are told as that. */
export function checkStory(story: Story, circumstances: Circumstances): Violation[] {
  const foreign = checkBelongings(story);
  if (foreign.length > 0) return foreign;
  const steps = story.steps.map((step) => asEvidence(step, circumstances.troubles));
  return [
    ...checkIdentities(story, circumstances),
    ...checkLogins(story),
    ...checkRegisters(steps),
    ...checkWishes(steps),
    ...checkOrders(steps),
    ...checkCounts(steps),
  ];
}

/** What a step says of its session's content. */
function asEvidence(step: Step, troubles: readonly Trouble[]): Step {
  // What was found without a session says nothing of this one.
  const visit = step.visit?.born === undefined ? undefined : step.visit;
  // Where an answer of the store was lost before the session got a new id, nobody can look it up.
  const isHidden = step.status === 409 && isDisturbed(step, troubles);
  return { ...step, visit, outcome: isHidden ? 'unknown' : step.outcome };
}
