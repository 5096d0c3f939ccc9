import type { Step } from './step.js';
import type { IssuedId, Story } from './story.js';

/** What is known of the id that a step's answer gives. */
export function issuedBy(
  { action, begun, ended, id, outcome }: Step,
  { ids }: Story,
  renewAfter = 0,
): IssuedId {
  const former = id === undefined ? undefined : ids.get(id);
  // A `begin` that comes with an id which still leads to its session is given that of the session.
  if (former === undefined) return { by: ended, countsFrom: begun, generation: 0 };
  const { countsFrom, generation } = former;
  if (action.kind === 'login' && outcome === 'done') {
    return { by: ended, countsFrom: begun, generation: nextGeneration(ids) };
  }
  if (action.kind === 'regenerate' && outcome === 'done') {
    return { by: ended, countsFrom, generation: nextGeneration(ids) };
  }
  return { by: ended, countsFrom: countsFrom + 1000 * renewAfter, generation };
}

function nextGeneration(ids: ReadonlyMap<string, IssuedId>): number {
  return Math.max(...Array.from(ids.values(), ({ generation }) => generation)) + 1;
}
