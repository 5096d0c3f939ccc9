/** A point of a curve. */
export type Point = readonly [x: number, y: number];

/** `y = base + slope · x`, by least squares on the relative error, so that small x count as well. */
export interface Line {
  readonly base: number;
  readonly slope: number;
}

export function fitLine(points: readonly Point[]): Line {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / Math.max(y * y, Number.EPSILON);
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return { base: (wy - slope * wx) / w, slope };
}

export function valueAt({ base, slope }: Line, x: number): number {
  return base + slope * x;
}
