import type { Story, Trouble } from '../journal/story.js';
import type { Violation } from '../journal/violation.js';
import { checkCounts } from './counts.js';
import { checkBelongings, checkIdentities, checkLogins } from './identities.js';
import { checkOrders } from './orders.js';
import { checkRegisters } from './registers.js';
import { checkWishes } from './wishes.js';

/** All that is wrong with a session's story. Answers that show another session are told as that. */
export function checkStory(story: Story, troubles: readonly Trouble[]): Violation[] {
  const foreign = checkBelongings(story);
  if (foreign.length > 0) return foreign;
  const steps = story.steps.map((step) => {
    // What was found without a session says nothing of this one.
    return step.visit?.born === undefined ? { ...step, visit: undefined } : step;
  });
  return [
    ...checkIdentities(story, troubles),
    ...checkLogins(story),
    ...checkRegisters(steps),
    ...checkWishes(steps),
    ...checkOrders(steps),
    ...checkCounts(steps),
  ];
}
