import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectRoot } from './project.js';

/** Stands in for npm: notes what it was asked for, fails where told, reports what Jest would. */
const npm = `#!/bin/sh
echo "$*" >> calls
for argument in "$@"; do
  case "$argument" in --outputFile=*) echo "$JEST_REPORT" > "\${argument#*=}" ;; esac
done
case " $FAILING " in *" $1 "* | *" $2 "*) exit 1 ;; esac
`;

/** How many steps there are, beside the tests that the first one counts. */
const STEPS = 9;

const allPassed = {
  numPassedTests: 40,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

describe('.ci/run', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'ci-run-'));
    mkdirSync(join(root, 'bin'));
    cpSync(join(projectRoot, '.ci'), join(root, '.ci'), { recursive: true });
    writeFileSync(join(root, 'bin', 'npm'), npm, { mode: 0o755 });
  });

  afterAll(() => rmSync(root, { recursive: true }));

  function run(env: { FAILING?: string; JEST_REPORT?: string }) {
    rmSync(join(root, 'calls'), { force: true });
    const path = [join(root, 'bin'), process.env['PATH']].join(delimiter);
    const result = spawnSync('.ci/run', {
      cwd: root,
      encoding: 'utf8',
      env: { JEST_REPORT: JSON.stringify(allPassed), ...process.env, ...env, PATH: path },
    });
    return { status: result.status, lines: result.stdout.trimEnd().split('\n') };
  }

  it('counts tests and steps on its last line', () => {
    const { status, lines } = run({});
    expect(lines.at(-1)).toBe(`${40 + STEPS} passed, 0 failed`);
    expect(status).toBe(0);
  });

  it('runs every step after one that failed, and names it', () => {
    const { status, lines } = run({ FAILING: 'lint build' });
    expect(lines.filter((line) => line.startsWith('=== '))).toEqual([
      '=== tests and coverage',
      '=== lint',
      '=== format',
      '=== types',
      '=== build',
      '=== packed package',
      '=== newest Node.js',
      '=== fresh start',
      '=== docs',
      '=== outcome',
    ]);
    expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([
      expect.stringMatching(/^FAILED {2}lint \(\d+ s\)$/),
      expect.stringMatching(/^FAILED {2}build \(\d+ s\)$/),
    ]);
    expect(lines.at(-1)).toBe(`${40 + STEPS - 2} passed, 2 failed`);
    expect(status).toBe(1);
  });

  it('counts failed tests, and files that could not be run', () => {
    const report = { ...allPassed, numFailedTests: 3, numRuntimeErrorTestSuites: 1 };
    const { status, lines } = run({ FAILING: 'test', JEST_REPORT: JSON.stringify(report) });
    expect(lines.at(-1)).toBe(`${40 + STEPS - 1} passed, 5 failed`);
    expect(status).toBe(1);
  });

  it('fails when coverage is too low although every test passed', () => {
    const { status, lines } = run({ FAILING: 'test' });
    expect(lines.at(-1)).toBe(`${40 + STEPS - 1} passed, 1 failed`);
    expect(status).toBe(1);
  });

  it('fails when Jest left a report that cannot be read', () => {
    const { status, lines } = run({ JEST_REPORT: '' });
    expect(lines.at(-1)).toBe(`${STEPS} passed, 1 failed`);
    expect(status).toBe(1);
  });
});
