import type { Step } from './step.js';

/** A time in which something was done to the application or its store. */
export interface Trouble {
  /** What was done. */
  readonly name: string;
  readonly from: number;
  /** Infinity as long as it lasts. */
  to: number;
  /** Processes of the application that could not answer; none when it was done to the store. */
  readonly processes: readonly number[];
  /** Whether sessions that were there then may be gone. */
  readonly mayLoseSessions: boolean;
}

/** One session from its beginning on, under all of its ids: what is checked as a whole. */
export interface Story {
  /** The token it was begun with. */
  readonly born: string;
  readonly user: string;
  /** When each id was given, by the end of that step. */
  readonly ids: Map<string, number>;
  readonly steps: Step[];
}
