import type { CompiledPrograms } from '../support/compiled-programs.js';
import type { CommandLine, Part } from './command-line.js';
import { killWriters } from './files/kill-writers.js';
import { runLoad } from './load/run-load.js';
import { runSoak } from './load/run-soak.js';
import { describeKills, describeLoad, describeRun, describeSoak } from './report.js';
import { runScenario } from './run-scenario.js';
import { type Scenario, type ScenarioName, scenarios } from './scenarios.js';
import type { StoreName } from './world/stores.js';

type RunPart = (programs: CompiledPrograms, given: CommandLine) => Promise<number>;

const run: Readonly<Record<Part, RunPart>> = { faults, kills, load, million, soak };

/** Under load, the stores that differ in what they do then. */
const LOADED: readonly StoreName[] = [
  'memory',
  'file',
  'memcached',
  'redis',
  'postgres',
  'mariadb',
  'sqlite',
];

/** Runs what is asked for, tells of it, and resolves to how many runs have failed. */
export async function runParts(programs: CompiledPrograms, given: CommandLine): Promise<number> {
  let failed = 0;
  for (const part of given.parts) failed += await run[part](programs, given);
  return failed;
}

async function faults(programs: CompiledPrograms, given: CommandLine): Promise<number> {
  const names = given.names.length > 0 ? given.names : Object.keys(scenarios);
  let failed = 0;
  for (const name of names as ScenarioName[]) {
    const scenario: Scenario = scenarios[name];
    console.log(`faults on ${name}, ${given.seconds} s, seed ${given.seed}: ${scenario.promise}`);
    const report = await runScenario(programs, scenario, given);
    console.log(describeRun(report));
    if (report.violations.length > 0) failed++;
  }
  return failed;
}

async function kills(_programs: CompiledPrograms, given: CommandLine): Promise<number> {
  console.log(`kills of processes that write session files: ${given.kills}, seed ${given.seed}`);
  const report = await killWriters(given.kills, given.seed);
  console.log(describeKills(report));
  const { wrong, orphans, records } = report;
  return wrong.length + orphans.length === 0 && records.found === records.expected ? 0 : 1;
}

async function load(programs: CompiledPrograms, given: CommandLine): Promise<number> {
  const names = given.names.length > 0 ? given.names : LOADED;
  let failed = 0;
  for (const name of names as StoreName[]) {
    failed += await loadOne(programs, given, name, { seconds: 60 * given.minutes, requests: 0 });
  }
  return failed;
}

function million(programs: CompiledPrograms, given: CommandLine): Promise<number> {
  return loadOne(programs, given, 'memory', { seconds: 0, requests: given.requests });
}

async function loadOne(
  programs: CompiledPrograms,
  { seed, slack, users }: CommandLine,
  store: StoreName,
  until: { readonly seconds: number; readonly requests: number },
): Promise<number> {
  const size = until.requests > 0 ? `${until.requests} requests` : `${until.seconds} s`;
  console.log(`load on ${store}, ${size}, seed ${seed}`);
  const options = { store, platform: 'fastify', seed, slack, users, ...until } as const;
  const report = await runLoad(programs, options);
  console.log(describeLoad(report));
  return report.violations.length + report.holdings.growth.length === 0 ? 0 : 1;
}

async function soak(programs: CompiledPrograms, given: CommandLine): Promise<number> {
  console.log(`soak with ${given.sessions} sessions that expire`);
  const report = await runSoak(programs, given.sessions);
  console.log(describeSoak(report));
  const { errors, growth, ending } = report;
  return errors === 0 && growth.length === 0 && ending.code === 0 ? 0 : 1;
}
