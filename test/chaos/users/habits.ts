import type { Action } from '../journal/step.js';

/** How users behave. */
export interface Habits {
  /** Tabs of each user, which go on at once. */
  readonly tabs: number;
  /** Milliseconds at most between an answer and the next request of a tab. */
  readonly pause: number;
  /** How often each thing is done, in proportion to the others. */
  readonly weights: Readonly<Record<Act, number>>;
}

/**
 * What a user with a session may do next. `haunt` uses an id that the browser had before, `stream`
 * changes the session while an answer is on its way.
 */
export type Act = Exclude<Action['kind'], 'begin'> | 'stream' | 'haunt';

export const HABITS: Habits = {
  tabs: 3,
  pause: 20,
  weights: {
    visit: 20,
    put: 20,
    wish: 12,
    unwish: 8,
    order: 14,
    count: 14,
    stream: 8,
    login: 4,
    regenerate: 3,
    logout: 2,
    revoke: 1,
    'revoke-others': 2,
    haunt: 5,
  },
};
