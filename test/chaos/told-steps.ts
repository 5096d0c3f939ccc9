import { checkStory } from './check/check-story.js';
import type { Action, Step, Visit } from './journal/step.js';
import type { Circumstances, IssuedId, Story, Trouble } from './journal/story.js';
import type { Rule } from './journal/violation.js';

// Stories for the specs of the checker, told step by step.

export const ID = 'id-1';
export const NEXT_ID = 'id-2';
export const EMPTY: Visit = { born: 'a', cart: {}, wishes: [], orders: [], count: 0 };

/** A step that was acknowledged, unless it is said otherwise. */
export function step(action: Action, begun: number, ended: number, more: Partial<Step> = {}): Step {
  return { action, begun, ended, id: ID, process: 0, outcome: 'done', status: 200, ...more };
}

/** An answer that shows this. */
export function seen(begun: number, visit: Partial<Visit>, more: Partial<Step> = {}): Step {
  const { length } = String(begun);
  return step({ kind: 'visit' }, begun, begun + length, { visit: { ...EMPTY, ...visit }, ...more });
}

export const put = (token: string, begun: number, ended: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'put', article: 'pear', token }, begun, ended, more);
export const order = (token: string, begun: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'order', token }, begun, begun + 5, more);
export const wish = (item: string, begun: number): Step =>
  step({ kind: 'wish', item }, begun, begun + 5);
export const unwish = (item: string, begun: number): Step =>
  step({ kind: 'unwish', item }, begun, begun + 5);
export const count = (begun: number, number: number): Step =>
  step({ kind: 'count' }, begun, begun + 5, { visit: { ...EMPTY, count: number } });
export const logout = (begun: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'logout' }, begun, begun + 5, more);
export const regenerate = (begun: number): Step =>
  step({ kind: 'regenerate' }, begun, begun + 5, { newId: NEXT_ID, visit: EMPTY });

export const refused: Partial<Step> = { outcome: 'refused', status: 0 };
export const conflict: Partial<Step> = { outcome: 'refused', status: 409 };
export const unknown: Partial<Step> = { outcome: 'unknown', status: 503 };
export const nothing: Partial<Step> = { visit: { cart: {}, wishes: [], orders: [], count: 0 } };
export const underNextId: Partial<Step> = { id: NEXT_ID };

/** Milliseconds after a trouble in which it may still be felt. */
export const RECOVERY = 50;

/** What the checker says of a session that had two ids, the second one after the first. */
export function rulesOf(steps: readonly Step[], troubles: readonly Trouble[] = []): Rule[] {
  const ids = new Map([
    [ID, { by: 0, countsFrom: 0, generation: 0 }],
    [NEXT_ID, { by: 0, countsFrom: 0, generation: 1 }],
  ]);
  return rulesWith(ids, steps, { troubles, recovery: RECOVERY });
}

/** The same of one whose second id was given by the clock. */
export function rulesOfRenewed(steps: readonly Step[]): Rule[] {
  const ids = new Map([
    [ID, { by: 0, countsFrom: 0, generation: 0 }],
    [NEXT_ID, { by: 0, countsFrom: 1000, generation: 0 }],
  ]);
  return rulesWith(ids, steps, { troubles: [], recovery: RECOVERY, renewAfter: 1 });
}

function rulesWith(
  ids: Map<string, IssuedId>,
  steps: readonly Step[],
  circumstances: Circumstances,
): Rule[] {
  const story: Story = { born: 'a', user: 'kimbra', ids, steps: [...steps] };
  return checkStory(story, circumstances).map(({ rule }) => rule);
}
