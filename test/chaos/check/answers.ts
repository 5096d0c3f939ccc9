import type { Step } from '../journal/step.js';
import type { Trouble } from '../journal/story.js';
import { type Violation, violation } from '../journal/violation.js';

/** What is promised of answers. Milliseconds. */
export interface AnswerRules {
  /** Within which every answer comes, as long as its process can answer at all. */
  readonly bound: number;
  /** How long after a trouble of the store an answer may still be 503. */
  readonly recovery: number;
}

const EXPECTED = [200, 201, 401, 409, 503];
const GIVES_COOKIE = ['begin', 'regenerate', 'login'];

/** Every answer comes in time, is one of those that there are, and has a reason if it refuses. */
export function checkAnswer(
  step: Step,
  troubles: readonly Trouble[],
  { bound, recovery }: AnswerRules,
): Violation[] {
  const { status, failure, outcome, action } = step;
  const ofProcess = troubles.filter(({ processes }) => processes.includes(step.process));
  const waited = step.ended - step.begun - overlap(step, ofProcess);
  if (waited > bound) {
    const text = `it took ${Math.round(waited)} ms, with a bound of ${bound} ms.`;
    return [violation('an answer is late or missing', text, step)];
  }
  if (status === 0) {
    if (overlaps(step, ofProcess, recovery)) return [];
    const text = `there was none, and the process was well: ${failure ?? ''}.`;
    return [violation('an answer is late or missing', text, step)];
  }
  if (!EXPECTED.includes(status)) {
    return [violation('an answer is unexpected', `its status is ${status}.`, step)];
  }
  if (status === 503 && !overlaps(step, troubles, recovery)) {
    return [violation('an answer is unexpected', 'it is 503, and the store was well.', step)];
  }
  const mayGiveCookie = outcome === 'done' && GIVES_COOKIE.includes(action.kind);
  if (step.newId === undefined || mayGiveCookie) return [];
  return [violation('an answer is unexpected', 'it gives a session cookie.', step)];
}

function overlaps({ begun, ended }: Step, troubles: readonly Trouble[], after: number): boolean {
  return troubles.some(({ from, to }) => from <= ended && begun <= to + after);
}

/** Milliseconds of the step in which its process could not answer. */
function overlap({ begun, ended }: Step, troubles: readonly Trouble[]): number {
  return troubles.reduce((sum, { from, to }) => {
    return sum + Math.max(0, Math.min(ended, to) - Math.max(begun, from));
  }, 0);
}
