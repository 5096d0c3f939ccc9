import { foundNothing, type Step } from '../journal/step.js';
import type { Story, Trouble } from '../journal/story.js';
import { type Violation, violation } from '../journal/violation.js';

/** What may have ended an id, and what certainly has. */
interface Ends {
  /** From then on it may open nothing. */
  readonly possibleFrom: number;
  /** The earliest step after whose end it must open nothing. */
  readonly certain: Step | undefined;
}

const ENDING = ['logout', 'regenerate', 'login'];

/** Every id opens its own session until something ends it, and nothing ever after. */
export function checkIdentities(story: Story, troubles: readonly Trouble[]): Violation[] {
  return Array.from(story.ids).flatMap(([id, issued]) => {
    const steps = story.steps.filter((step) => step.id === id);
    const ends = endsOf(story, id, issued, steps, troubles);
    return steps.flatMap((step) => checkStep(step, ends));
  });
}

/** Whatever an answer shows must be of the session whose id was sent, and of its user. */
export function checkBelongings({ born, user, steps }: Story): Violation[] {
  return steps.flatMap((step) => {
    const { visit } = step;
    if (visit?.born === undefined) return [];
    const isOwn = visit.born === born && (visit.owner ?? user) === user;
    if (isOwn) return [];
    const text = `the session ${born} of ${user} shows ${visit.born} of ${visit.owner ?? 'nobody'}.`;
    return [violation("another's data is shown", text, step)];
  });
}

/** Who has logged in stays so. */
export function checkLogins({ steps }: Story): Violation[] {
  const logins = steps.filter(
    ({ action, outcome }) => action.kind === 'login' && outcome === 'done',
  );
  const login = logins.toSorted((a, b) => a.ended - b.ended)[0];
  const without = steps.find(({ visit, begun }) => {
    return visit?.born !== undefined && visit.owner === undefined && login && login.ended < begun;
  });
  if (login === undefined || without === undefined) return [];
  const text = 'a session has no owner any more.';
  return [violation('an acknowledged change is missing', text, login, without)];
}

function endsOf(
  story: Story,
  id: string,
  issued: number,
  steps: readonly Step[],
  troubles: readonly Trouble[],
): Ends {
  const ending = steps.filter(({ action }) => ENDING.includes(action.kind));
  // A logout under another id of the session may have come first, or last.
  const logouts = story.steps.filter(({ action }) => action.kind === 'logout');
  const losses = troubles.filter(({ mayLoseSessions, to }) => mayLoseSessions && to > issued);
  // What found no session, or never arrived, ended none.
  const possible = [...ending, ...logouts].filter(({ status, outcome }) => {
    return status !== 401 && !(status === 0 && outcome === 'refused');
  });
  const proofs = steps.filter(
    (step) => foundNothing(step) || (step.outcome === 'done' && ENDING.includes(step.action.kind)),
  );
  return {
    possibleFrom: Math.min(
      ...possible.map(({ begun }) => begun),
      ...losses.map(({ from }) => from),
    ),
    certain: proofs.toSorted((a, b) => a.ended - b.ended)[0],
  };
}

function checkStep(step: Step, { possibleFrom, certain }: Ends): Violation[] {
  const isNone = foundNothing(step) || step.status === 409;
  if (isNone && step.ended < possibleFrom) {
    return [violation('a session is lost', 'its id opens nothing, and nothing ended it.', step)];
  }
  const isThere = step.visit?.born !== undefined;
  if (!isThere || certain === undefined || certain.ended >= step.begun) return [];
  const text = 'its id had ended, and opens it again.';
  return [violation('a dead session answers', text, certain, step)];
}
