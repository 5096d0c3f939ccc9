// `npm test`: from a fresh clone to the test results. Arguments go to Jest.
import { ensureNpmPackages } from './npm-packages.mjs';
import { runNode } from './run-command.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

// Jest loads ES modules through an API of Node that is still behind a flag.
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

process.exitCode =
  (await ensureNpmPackages()) || (await ensureSystemPackages()) || (await runJest());

function runJest() {
  const args = process.argv.slice(2);
  // A selection of the tests cannot reach the threshold, so only whole runs are measured.
  const isWholeRun = args.every((arg) => arg.startsWith('-'));
  const coverage = isContinuousIntegration() && isWholeRun ? ['--coverage'] : [];
  return runNode([...jest, ...coverage, ...args]);
}

function isContinuousIntegration() {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '');
}
