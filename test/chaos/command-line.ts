import { parseArgs } from 'node:util';
import { scenarios } from './scenarios.js';
import { stores } from './world/stores.js';

export const parts = ['faults', 'kills', 'load', 'million', 'soak'] as const;

export type Part = (typeof parts)[number];

/** What is to be run. */
export interface CommandLine {
  readonly parts: readonly Part[];
  /** Scenarios of `faults`, or stores of `load`; none for all. */
  readonly names: readonly string[];
  readonly seed: number;
  /** For each scenario. */
  readonly seconds: number;
  /** For each store under load. */
  readonly minutes: number;
  readonly users: number;
  readonly kills: number;
  readonly requests: number;
  readonly sessions: number;
  /** Milliseconds that a busy machine may add to every answer. */
  readonly slack: number;
  /** Milliseconds. */
  readonly storeTimeout: number;
}

const NUMBERS = {
  seed: 1,
  seconds: 60,
  minutes: 10,
  users: 20,
  kills: 500,
  requests: 1_000_000,
  sessions: 1_000_000,
  slack: 1000,
  'store-timeout': 1000,
} as const;

type NumberName = keyof typeof NUMBERS;

export const USAGE = `npm run chaos [-- [part] [names] [--option number]]

  faults [scenario ...]  users drive an application while its world is disturbed
                         ${Object.keys(scenarios).join(', ')}
  kills                  processes that write session files are killed
  load [store ...]       as much as the machine can do, and SIGTERM in the middle of it
                         ${Object.keys(stores).join(', ')}
  million                the same in memory, by the number of requests
  soak                   short sessions that expire

  Without a part, all of them. Options, with their defaults:
  ${Object.entries(NUMBERS)
    .map(([name, value]) => `--${name} ${value}`)
    .join('  ')}`;

/** Undefined for what makes no sense. */
export function readCommandLine(args: readonly string[]): CommandLine | undefined {
  const given = parse(args);
  if (given === undefined) return undefined;
  const [first, ...names] = given.positionals;
  const part = parts.find((each) => each === first);
  const known: Partial<Record<Part, object>> = { faults: scenarios, load: stores };
  const isKnown = names.every((name) => part !== undefined && name in (known[part] ?? {}));
  if ((first !== undefined && part === undefined) || !isKnown) return undefined;
  const numbers = numbersOf(given.values);
  if (numbers === undefined) return undefined;
  const { 'store-timeout': storeTimeout, ...others } = numbers;
  return { parts: part === undefined ? parts : [part], names, storeTimeout, ...others };
}

function parse(args: readonly string[]) {
  const names = Object.keys(NUMBERS);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    return undefined;
  }
}

function numbersOf(
  values: Readonly<Record<string, unknown>>,
): Record<NumberName, number> | undefined {
  const numbers: Record<NumberName, number> = { ...NUMBERS };
  for (const [name, value] of Object.entries(values)) numbers[name as NumberName] = Number(value);
  return Object.values(numbers).every((number) => number >= 0) ? numbers : undefined;
}
