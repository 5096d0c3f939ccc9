import type { Ending } from './app/app-process.js';
import type { KillReport } from './files/kill-writers.js';
import { describeViolation } from './journal/violation.js';
import { describeHoldings, type HoldingsOverTime } from './load/holdings-over-time.js';
import type { LoadReport } from './load/run-load.js';
import type { SoakReport } from './load/run-soak.js';
import type { RunReport } from './run-scenario.js';
import type { Tally } from './tally.js';

// What people read of a run: every line a figure, indented below the run's own line.

export function describeRun({ tally, sessions, faults, violations }: RunReport): string {
  return indented([
    ...describeTally(tally, sessions),
    ...(faults.size > 0 ? [`faults: ${listed(faults)}`] : []),
    `${violations.length} violations`,
    ...violations.map(describeViolation),
  ]);
}

export function describeKills({ kills, midWrite, writes, ...found }: KillReport): string {
  const { records, wrong, orphans } = found;
  return indented([
    `${kills} kills, ${midWrite} of them in the middle of a write; ${writes} writes acknowledged`,
    `after a sweep ${records.found} records of ${records.expected}, ${orphans.length} orphans`,
    `${wrong.length} records torn or lost`,
    ...wrong,
    ...orphans,
  ]);
}

export function describeLoad({ tally, sessions, holdings, ending, ...more }: LoadReport): string {
  const { requestsPerSecond, violations } = more;
  return indented([
    `${Math.round(requestsPerSecond)} requests a second`,
    ...describeTally(tally, sessions),
    ...describeGrowth(holdings),
    ...holdings.growth,
    describeEnding('SIGTERM under load', ending),
    `${violations.length} violations`,
    ...violations.map(describeViolation),
  ]);
}

export function describeSoak({ sessions, seconds, errors, ...more }: SoakReport): string {
  return indented([
    `${sessions} sessions in ${Math.round(seconds)} s, ${errors} errors`,
    ...describeGrowth(more.holdings),
    ...more.growth,
    describeEnding('closed', more.ending),
  ]);
}

function describeTally(tally: Tally, sessions: number): string[] {
  const { outcomes, requests, statuses, longest } = tally;
  return [
    `${requests} requests in ${sessions} sessions: ${outcomes.done} acknowledged, ` +
      `${outcomes.refused} refused, ${outcomes.unknown} unknown (${listed(statuses)})`,
    `p50 ${ms(tally.within(0.5))}, p99 ${ms(tally.within(0.99))}, longest ${ms(longest)}`,
  ];
}

function describeGrowth({ samples }: HoldingsOverTime): string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return [];
  const heaps = samples.map(({ heapBytes }) => heapBytes);
  const highest = (Math.max(...heaps) / 2 ** 20).toFixed(1);
  return [
    `first: ${describeHoldings(first)}`,
    `last: ${describeHoldings(last)}; highest heap of ${samples.length} samples ${highest} MiB`,
  ];
}

function describeEnding(what: string, { code, signal, took, unanswered }: Ending): string {
  const left = `${unanswered ?? 'an unknown number of'} requests left unanswered`;
  return `${what}: ended with ${code ?? signal} after ${ms(took)}, ${left}`;
}

function ms(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

function listed(counts: ReadonlyMap<unknown, number>): string {
  return Array.from(counts, ([name, count]) => `${String(name)}: ${count}`).join(', ');
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n');
}
