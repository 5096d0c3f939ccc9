import { describe, expect, it } from '@jest/globals';
import { planOf } from './command-line.js';
import { goalOf } from './goals.js';
import { fitLine } from './growth/fit.js';
import { asMarkdown, asText, ratioTable } from './report/tables.js';
import { drawChart } from './report/chart.js';
import { median, percentile } from './statistics.js';

const cost = { cpu: 100, rate: 1000, p99: 2, commands: 1 };
const group = {
  platform: 'express',
  store: 'redis',
  routes: [
    {
      route: 'read',
      costs: { bare: cost, peer: cost, ours: cost },
      added: { peer: 80, ours: 20 },
      ratio: 0.25,
    },
  ],
} as const;

describe('the figures of the benchmark', () => {
  it('are medians and percentiles of what was measured', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(percentile([0, 10, 20, 30, 40], 0.9)).toBeCloseTo(36);
    expect(median([])).toBeNaN();
  });

  it('are fitted by a line, near its beginning as well as at its end', () => {
    const { base, slope } = fitLine([1, 10, 100, 1000].map((x) => [x, 5 + 0.25 * x]));
    expect(base).toBeCloseTo(5);
    expect(slope).toBeCloseTo(0.25);
  });

  it('stand in the table beside the goal', () => {
    expect(goalOf('express', 'redis', 'read')).toBe(0.45);
    const table = ratioTable([group]);
    expect(asMarkdown(table).split('\n').at(-1)).toBe(
      '| express | redis | express-session, connect-redis |  | 20.0 / 80.0 µs = 0.25 (goal 0.45) |  |',
    );
    expect(asText(table)).toContain('20.0 / 80.0 µs = 0.25 (goal 0.45)');
  });

  it('are drawn with our bar in the proportion of the ratio', () => {
    const widths = Array.from(
      drawChart([group], 'a machine').matchAll(/width="([\d.]+)" height="12"/g),
      ([, width]) => Number(width),
    );
    expect(widths).toHaveLength(2);
    expect(Number(widths[1]) / Number(widths[0])).toBeCloseTo(0.25, 2);
  });
});

describe('the command line of the benchmark', () => {
  it('narrows what is measured to what --only names', () => {
    const plan = planOf(['--only', 'express,redis,read']);
    expect(plan).toMatchObject({
      platforms: ['express'],
      stores: ['redis'],
      routes: ['read'],
      isWhole: false,
    });
    expect(planOf([])).toMatchObject({
      isWhole: true,
      stores: { length: 5 },
      routes: { length: 7 },
    });
  });

  it('refuses a word that names nothing', () => {
    expect(() => planOf(['--only', 'mongodb'])).toThrow('"mongodb" is none of them');
  });
});
