import type { Step } from './step.js';

/** What must never happen. */
export type Rule =
  | 'an acknowledged change is missing'
  | 'a change is applied twice'
  | 'a refused change is there'
  | 'a session is lost'
  | 'a dead session answers'
  | "another's data is shown"
  | 'an answer is late or missing'
  | 'an answer is unexpected'
  | 'the application does not recover';

/** One fault, told so that it can be followed. */
export interface Violation {
  readonly rule: Rule;
  readonly text: string;
  /** The steps that show it, in the order of their beginnings. */
  readonly steps: readonly Step[];
}

export function violation(rule: Rule, text: string, ...steps: readonly Step[]): Violation {
  return { rule, text, steps: steps.toSorted((a, b) => a.begun - b.begun) };
}

/** For people: the rule, what happened, and each step on a line. */
export function describeViolation({ rule, text, steps }: Violation): string {
  return [`${rule}: ${text}`, ...steps.map((step) => `    ${describeStep(step)}`)].join('\n');
}

function describeStep(step: Step): string {
  const { action, begun, ended, status, outcome, failure, process } = step;
  const { kind, ...what } = action;
  const time = `${begun.toFixed(1)} to ${ended.toFixed(1)} ms`;
  const parts = [kind, ...Object.values(what)].join(' ');
  const id = step.id === undefined ? 'no id' : `id ${step.id.slice(0, 6)}`;
  return `${time}: ${parts} (${id}, process ${process}): ${status} ${outcome} ${failure ?? ''}`;
}
