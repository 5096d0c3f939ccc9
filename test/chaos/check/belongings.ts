import type { Story } from '../journal/story.js';
import { type Violation, violation } from '../journal/violation.js';

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
