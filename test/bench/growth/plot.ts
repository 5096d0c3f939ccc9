import { Svg } from '../report/svg.js';
import type { Curve } from './curve.js';
import { type Point, valueAt } from './fit.js';

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 80;
const RIGHT = 20;
const TOP = 48;
const BOTTOM = 56;
const POINT_COLOR = '#2f6f4f';
const FIT_COLOR = '#c0392b';
const AXIS_COLOR = '#888888';

/** The measured points and the formula's curve, both axes logarithmic. */
export function plotCurve(curve: Curve): string {
  const svg = new Svg(WIDTH, HEIGHT, `${curve.y}, by ${curve.x}`);
  const place = placeOf(curve);
  svg.text(12, 20, curve.y);
  svg.text(12, 38, `measured (green), and ${curve.formula} (red)`);
  svg.line(
    [
      [LEFT, TOP],
      [LEFT, HEIGHT - BOTTOM],
      [WIDTH - RIGHT, HEIGHT - BOTTOM],
    ],
    AXIS_COLOR,
  );
  for (const point of curve.points) {
    const [x, y] = place(point);
    svg.circle(x, y, 4, POINT_COLOR);
    svg.text(x, HEIGHT - BOTTOM + 18, point[0].toLocaleString('en'), 'middle');
    svg.text(x + 6, y - 8, shortNumber(point[1]));
  }
  svg.line(
    curve.points.map((point) => place(point)),
    POINT_COLOR,
  );
  const fitted = curve.points.map(([x]) => place([x, valueAt(curve.fit, x)]));
  svg.line(fitted, FIT_COLOR, '5 4');
  svg.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, curve.x, 'middle');
  return svg.toString();
}

function placeOf({ points, fit }: Curve): (point: Point) => Point {
  const xs = points.map(([x]) => logarithm(x));
  const ys = points.flatMap(([x, y]) => [logarithm(y), logarithm(valueAt(fit, x))]);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys) - 0.2, Math.max(...ys) + 0.2];
  return ([x, y]) => [
    LEFT + 16 + ((logarithm(x) - left) / (right - left)) * (WIDTH - LEFT - RIGHT - 48),
    HEIGHT - BOTTOM - ((logarithm(y) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM),
  ];
}

function logarithm(value: number): number {
  return Math.log10(Math.max(value, 1e-3));
}

function shortNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
