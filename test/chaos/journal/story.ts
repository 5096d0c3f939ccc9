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

/** What the world was like in which a session lived. */
export interface Circumstances {
  readonly troubles: readonly Trouble[];
  /** Milliseconds after a trouble in which the application may still feel it. */
  readonly recovery: number;
  /** Seconds after which the application renews ids. */
  readonly renewAfter?: number | undefined;
}

/** An id of a session. */
export interface IssuedId {
  /** The end of the step that gave it. */
  readonly by: number;
  /** Before that the clock by which it is renewed was not running. */
  readonly countsFrom: number;
  /** Ids that were renewed are of one generation, and end together; a new one begins with each login. */
  readonly generation: number;
}

/** One session from its beginning on, under all of its ids: what is checked as a whole. */
export interface Story {
  /** The token it was begun with. */
  readonly born: string;
  readonly user: string;
  readonly ids: Map<string, IssuedId>;
  readonly steps: Step[];
}
