import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  roots: ['<rootDir>/test'],
  testRegex: '\\.spec\\.ts$',
  injectGlobals: false,
  // The tests wait for servers almost as much as they compute.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // A busy machine must not fail what is right; each test has its own, nearer bounds.
  testTimeout: 30_000,
  restoreMocks: true,
  setupFilesAfterEnv: ['<rootDir>/test/support/watch-for-leaks.ts'],
  testSequencer: '<rootDir>/test/support/jest/sequencer.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/test/support/jest/resolver.cjs',
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-session-bag$': '<rootDir>/lib/index.ts',
    '^nestjs-session-bag/([\\w-]+)$': '<rootDir>/lib/$1/index.ts',
    '^nestjs-session-bag/adapters/(.*)$': '<rootDir>/lib/adapters/$1.adapter.ts',
  },
  collectCoverageFrom: ['lib/**/*.ts', '!lib/index.ts', '!lib/interfaces/**'],
  coverageReporters: ['text', 'lcov'],
  coverageThreshold: { global: { lines: 95, branches: 90 } },
};
