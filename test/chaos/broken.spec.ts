import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CompiledPrograms } from '../support/compiled-programs.js';
import { compiledApp } from './app/app-process.js';
import type { Breakage } from './app/messages.js';
import type { Rule } from './journal/violation.js';
import { runScenario } from './run-scenario.js';
import { type Scenario, scenarios } from './scenarios.js';
import { type Habits, HABITS } from './users/habits.js';

/** Milliseconds for an application to start, be driven and be found out on a busy machine. */
const FOUND_WITHIN = 90_000;

/** Sessions end often, and those that have ended are looked for. */
const RESTLESS = { ...HABITS, weights: { ...HABITS.weights, logout: 6, regenerate: 6, haunt: 20 } };
/** Users log in, and are logged out by their other browsers. */
const REVOKED = { ...HABITS, weights: { ...HABITS.weights, logout: 0, login: 12, revoke: 4 } };

/** Nothing but the clock ends a session's id. */
const CALM = {
  ...HABITS,
  weights: {
    ...HABITS.weights,
    logout: 0,
    regenerate: 0,
    login: 0,
    revoke: 0,
    'revoke-others': 0,
  },
};

const broken: readonly [by: Breakage, rule: Rule, habits?: Habits][] = [
  ['blind-writes', 'an acknowledged change is missing'],
  ['forgotten-writes', 'an acknowledged change is missing'],
  ['doubled-writes', 'a change is applied twice'],
  ['late-resurrection', 'a dead session answers'],
  ['crossed-answers', "another's data is shown"],
  ['forgotten-ends', 'an acknowledged change is missing'],
  ['forgotten-listings', 'a dead session answers', REVOKED],
  ['silence', 'an answer is late or missing'],
];

/** Where ids are renewed by the clock. */
const brokenRenewals: readonly [by: Breakage, rule: Rule][] = [
  // The process itself knows where an old id leads; it waits in vain for what the store has to say.
  ['forgotten-aliases', 'an answer is late or missing'],
  ['blind-marks', 'an acknowledged change is missing'],
];

describe('a run against an application that is broken', () => {
  let programs: CompiledPrograms;

  beforeAll(async () => {
    programs = await compiledApp();
  });
  afterAll(() => programs.remove());

  it.each(broken.map(([by, rule, habits = RESTLESS]) => ({ by, rule, habits })))(
    'by $by finds that $rule',
    async ({ by, rule, habits }) => {
      expect(await findIn(scenarios.quiet, by, rule, habits)).toContain(rule);
    },
    FOUND_WITHIN,
  );

  it.each(brokenRenewals)(
    'by %s finds that %s',
    async (by, rule) => {
      const renewing = { ...scenarios.quiet, renewAfter: 1 };
      expect(await findIn(renewing, by, rule, CALM)).toContain(rule);
    },
    FOUND_WITHIN,
  );

  async function findIn(
    scenario: Scenario,
    by: Breakage,
    rule: Rule,
    habits: Habits,
  ): Promise<Rule[]> {
    const report = await runScenario(programs, scenario, {
      seed: 1,
      seconds: 60,
      users: 4,
      slack: by === 'silence' ? 1000 : 20_000,
      storeTimeout: by === 'silence' ? 100 : 2000,
      habits,
      broken: { by, rule },
    });
    return report.violations.map((violation) => violation.rule);
  }
});
