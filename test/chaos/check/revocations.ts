import { effectOf, isRevocation, mayHaveActed, type Step } from '../journal/step.js';
import type { Story } from '../journal/story.js';

// All sessions of an owner are ended at once: those in which somebody is logged in, and no others.

/**
 * The moments from which on a revocation may have ended the session.
 *
 * @param renewAfter milliseconds after which its id is renewed
 */
export function possibleRevocations(story: Story, renewAfter: number): number[] {
  const { steps } = story;
  const logins = steps.filter(({ action }) => action.kind === 'login').filter(mayHaveActed);
  const loggedInFrom = Math.min(...logins.map(({ begun }) => begun));
  return revocationsIn(story).flatMap((step) => {
    const effect = effectOf(step);
    if (effect === undefined || loggedInFrom > effect.to) return [];
    if (isOfItsOwn(step, story) && hasKeptItsId(step, story, renewAfter)) return [];
    return [Math.max(effect.from, loggedInFrom)];
  });
}

/** Those that were asked for when somebody was logged in, and acknowledged. */
export function certainRevocations(story: Story): Step[] {
  const proofs = story.steps.filter(({ action, outcome, visit }) => {
    return visit?.owner !== undefined || (action.kind === 'login' && outcome === 'done');
  });
  const loggedInBy = Math.min(...proofs.map(({ ended }) => ended));
  return revocationsIn(story).filter((step) => {
    return step.outcome === 'done' && loggedInBy < step.begun && !isOfItsOwn(step, story);
  });
}

function revocationsIn({ steps }: Story): Step[] {
  return steps.filter(({ action }) => isRevocation(action));
}

/** Whether the session has asked for the end of the others. */
function isOfItsOwn({ id }: Step, { ids }: Story): boolean {
  return id !== undefined && ids.has(id);
}

/** Whether the session stayed what it was while the others were ended, so that it was spared. */
function hasKeptItsId({ begun, ended }: Step, { steps }: Story, renewAfter: number): boolean {
  // Ids that are renewed are known to be one session, but no more than one is looked back.
  if (ended - begun >= renewAfter) return false;
  const moves = steps.filter(({ action }) => ['login', 'regenerate'].includes(action.kind));
  return !moves.some((move) => {
    return mayHaveActed(move) && move.begun <= ended && (effectOf(move)?.to ?? move.ended) >= begun;
  });
}
