import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CompiledPrograms } from '../support/compiled-programs.js';
import { compiledApp } from './app/app-process.js';
import type { FaultName } from './faults/faults.js';
import { describeRun } from './report.js';
import { runScenario } from './run-scenario.js';
import { type ScenarioName, scenarios } from './scenarios.js';

/** A taste of `npm run chaos`: enough to see that all of it works, and what is grossly wrong. */
const SECONDS = 2;
const USERS = 4;
/** Milliseconds: nothing is said here of how fast a busy machine is. */
const SLACK = 20_000;
const STORE_TIMEOUT = 2000;
const ENDS_WITHIN = 180_000;

const tastes: readonly { readonly name: ScenarioName; readonly faults: readonly FaultName[] }[] = [
  { name: 'files', faults: ['kill application', 'stop application'] },
  { name: 'memcached', faults: ['kill store', 'cut connections'] },
  { name: 'redis', faults: ['kill store', 'stalled network'] },
  { name: 'postgres', faults: ['kill store', 'kill application'] },
  { name: 'mariadb', faults: ['kill store'] },
  { name: 'redis-cache', faults: ['kill store'] },
  { name: 'renewals-redis', faults: ['kill application', 'cut connections'] },
];

describe('an application that is driven while its world is disturbed', () => {
  let programs: CompiledPrograms;

  beforeAll(async () => {
    programs = await compiledApp();
  });
  afterAll(() => programs.remove());

  it.each(tastes.map((taste) => ({ ...scenarios[taste.name], ...taste })))(
    'on $name: $promise',
    async (scenario) => {
      const report = await runScenario(
        programs,
        { ...scenario, processes: 2 },
        {
          seed: 1,
          seconds: SECONDS,
          users: USERS,
          slack: SLACK,
          storeTimeout: STORE_TIMEOUT,
        },
      );
      expect(report.violations.length === 0 ? '' : describeRun(report)).toBe('');
      expect(new Set(report.faults.keys())).toEqual(new Set(scenario.faults));
      expect(report.tally.outcomes.done).toBeGreaterThan(5 * USERS);
    },
    ENDS_WITHIN,
  );
});
