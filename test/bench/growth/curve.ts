import type { Line, Point } from './fit.js';

/** How a cost grows. */
export interface Curve {
  readonly name: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly Point[];
  readonly fit: Line;
  /** The formula that fits, in words of the axes. */
  readonly formula: string;
  /** What else was found. */
  readonly remarks: readonly string[];
}
