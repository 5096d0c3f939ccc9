import { effectOf, mayHaveActed, type Step } from '../journal/step.js';
import type { Story } from '../journal/story.js';

// All sessions of an owner are ended at once: those in which somebody is logged in, and no others.

/** The moments from which on a revocation may have ended the session. */
export function possibleRevocations({ steps }: Story): number[] {
  const logins = steps.filter(({ action }) => action.kind === 'login').filter(mayHaveActed);
  const loggedInFrom = Math.min(...logins.map(({ begun }) => begun));
  return steps.filter(isRevocation).flatMap((step) => {
    const effect = effectOf(step);
    return effect && loggedInFrom <= effect.to ? [Math.max(effect.from, loggedInFrom)] : [];
  });
}

/** Those that were asked for when somebody was logged in, and acknowledged. */
export function certainRevocations({ steps }: Story): Step[] {
  const proofs = steps.filter(({ action, outcome, visit }) => {
    return visit?.owner !== undefined || (action.kind === 'login' && outcome === 'done');
  });
  const loggedInBy = Math.min(...proofs.map(({ ended }) => ended));
  return steps
    .filter(isRevocation)
    .filter(({ outcome, begun }) => outcome === 'done' && loggedInBy < begun);
}

function isRevocation({ action }: Step): boolean {
  return action.kind === 'revoke';
}
