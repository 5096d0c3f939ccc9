import type { Step } from './step.js';
import type { Trouble } from './story.js';

/** Whether a step met a trouble, or what was left of it that many milliseconds later. */
export function isDisturbed(
  { begun, ended }: Pick<Step, 'begun' | 'ended'>,
  troubles: readonly Trouble[],
  after = 0,
): boolean {
  return troubles.some(({ from, to }) => from <= ended && begun <= to + after);
}
