import { isDisturbed } from '../journal/disturbed.js';
import type { Step } from '../journal/step.js';
import type { Trouble } from '../journal/story.js';
import { type Violation, violation } from '../journal/violation.js';

/** What is promised of answers. */
export interface AnswerRules {
  /** Milliseconds in which every answer comes, as long as its process can answer at all. */
  readonly bound: number;
  /** Milliseconds after a trouble of the store in which an answer may still be 503. */
  readonly recovery: number;
  /** Seconds after which any answer may give a new id. */
  readonly renewAfter?: number | undefined;
}

const EXPECTED = [200, 201, 401, 409, 503];
const GIVES_COOKIE = ['begin', 'regenerate', 'login'];
/** A stream waits for the store as it starts, in its middle and at its end. */
const STREAM_PARTS = 3;

/** Every answer comes in time, is one of those that there are, and has a reason if it refuses. */
export function checkAnswer(
  step: Step,
  troubles: readonly Trouble[],
  rules: AnswerRules,
): Violation[] {
  const { recovery, renewAfter } = rules;
  const { status, failure, outcome, action, isStreamed, isCut = false } = step;
  const bound = rules.bound * (isStreamed ? STREAM_PARTS : 1);
  const ofProcess = troubles.filter(({ processes }) => processes.includes(step.process));
  const waited = step.ended - step.begun - overlap(step, ofProcess);
  if (waited > bound) {
    const text = `it took ${Math.round(waited)} ms, with a bound of ${bound} ms.`;
    return [violation('an answer is late or missing', text, step)];
  }
  const mayGiveCookie = outcome === 'done' && GIVES_COOKIE.includes(action.kind);
  // An id may be renewed before a request is refused for what it does then.
  const mayRenew = renewAfter !== undefined && outcome !== 'refused';
  if (step.newId !== undefined && !mayGiveCookie && !mayRenew) {
    return [violation('an answer is unexpected', 'it gives a session cookie.', step)];
  }
  // Whether there was a reason to cut it, the story of its session tells.
  if (isCut) return [];
  if (status === 0) {
    if (isDisturbed(step, ofProcess, recovery)) return [];
    const text = `there was none, and the process was well: ${failure ?? ''}.`;
    return [violation('an answer is late or missing', text, step)];
  }
  if (!EXPECTED.includes(status)) {
    return [violation('an answer is unexpected', `its status is ${status}.`, step)];
  }
  if (status === 503 && !isDisturbed(step, troubles, recovery)) {
    return [violation('an answer is unexpected', 'it is 503, and the store was well.', step)];
  }
  return [];
}

/** Milliseconds of the step in which its process could not answer. */
function overlap({ begun, ended }: Step, troubles: readonly Trouble[]): number {
  return troubles.reduce((sum, { from, to }) => {
    return sum + Math.max(0, Math.min(ended, to) - Math.max(begun, from));
  }, 0);
}
