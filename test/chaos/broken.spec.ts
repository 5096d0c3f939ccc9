import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CompiledPrograms } from '../support/compiled-programs.js';
import { compiledApp } from './app/app-process.js';
import type { Breakage } from './app/messages.js';
import type { Rule } from './journal/violation.js';
import { runScenario } from './run-scenario.js';
import { scenarios } from './scenarios.js';
import { HABITS } from './users/user.js';

/** Milliseconds for an application to start, be driven and be found out on a busy machine. */
const FOUND_WITHIN = 90_000;

/** Sessions end often, and those that have ended are looked for. */
const RESTLESS = { ...HABITS, weights: { ...HABITS.weights, logout: 6, regenerate: 6, haunt: 20 } };

const broken: readonly [by: Breakage, rule: Rule][] = [
  ['blind-writes', 'an acknowledged change is missing'],
  ['forgotten-writes', 'an acknowledged change is missing'],
  ['doubled-writes', 'a change is applied twice'],
  ['late-resurrection', 'a dead session answers'],
  ['crossed-answers', "another's data is shown"],
  ['silence', 'an answer is late or missing'],
];

describe('a run against an application that is broken', () => {
  let programs: CompiledPrograms;

  beforeAll(async () => {
    programs = await compiledApp();
  });
  afterAll(() => programs.remove());

  it.each(broken)(
    'by %s finds that %s',
    async (by, rule) => {
      const report = await runScenario(programs, scenarios.quiet, {
        seed: 1,
        seconds: 60,
        users: 4,
        slack: by === 'silence' ? 1000 : 20_000,
        storeTimeout: by === 'silence' ? 100 : 2000,
        habits: RESTLESS,
        broken: { by, rule },
      });
      expect(report.violations.map((violation) => violation.rule)).toContain(rule);
    },
    FOUND_WITHIN,
  );
});
