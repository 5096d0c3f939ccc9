import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transform } from '@swc/core';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { describeSessionAdapter } from 'nestjs-session-bag/testing';
import { blocksOf } from '../docs/code-blocks.js';
import { projectRoot, readProjectFile } from '../repository/project.js';
import { compiledLib } from '../support/compiled-lib.js';
import { describeKit } from './kit-cases.js';

const run = promisify(execFile);
const LONGEST_RUN = 120_000;
/** The tests of the example in docs/testing.md, which is run here as well. */
const TESTS_IN_DOCS = 2;

const CONTRACT_WITH_NODE = `
import { describe as group, it } from 'node:test';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { describeSessionAdapter } from 'nestjs-session-bag/testing';

const describe = (title, body) => group(title, { concurrency: true }, body);
describeSessionAdapter('memory', () => new MemoryAdapter(), { describe, it });
`;

const KIT_WITH_NODE = `
import { describe, it } from 'node:test';
import { describeKit } from './kit-cases.js';

describeKit({ describe, it });
`;

/** With the globals of Vitest, which `describeSessionAdapter` finds by itself. */
const CONTRACT_WITH_VITEST = `
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { describeSessionAdapter } from 'nestjs-session-bag/testing';

describeSessionAdapter('memory', () => new MemoryAdapter());
`;

const KIT_WITH_VITEST = `
import { describe, it } from 'vitest';
import { describeKit } from './kit-cases.js';

describeKit({ describe, it });
`;

const VITEST_CONFIG = `
export default {
  cacheDir: '.vite',
  test: { include: ['*.vitest.mjs'], globals: true, sequence: { concurrent: true } },
};
`;

// With Jest, here; with the others, in processes of their own.
describeKit({ describe, it });

describe('the contract suite and the testing kit', () => {
  let project: string;

  beforeAll(async () => {
    project = await createProject({
      'contract.test.mjs': CONTRACT_WITH_NODE,
      'kit.test.mjs': KIT_WITH_NODE,
      'contract.vitest.mjs': CONTRACT_WITH_VITEST,
      'kit.vitest.mjs': KIT_WITH_VITEST,
      'vitest.config.mjs': VITEST_CONFIG,
    });
  });
  afterAll(() => rm(project, { recursive: true }));

  it(
    'work with node:test',
    async () => {
      const report = await runNode('--test', '--test-reporter=tap');
      const expected = registeredTests() + TESTS_IN_DOCS;
      expect(report).toContain(`# pass ${expected}\n# fail 0\n`);
    },
    LONGEST_RUN,
  );

  it(
    'work with Vitest',
    async () => {
      const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs');
      const report: unknown = JSON.parse(await runNode(vitest, 'run', '--reporter=json'));
      expect(report).toMatchObject({ numPassedTests: registeredTests(), numFailedTests: 0 });
    },
    LONGEST_RUN,
  );

  async function runNode(...args: string[]): Promise<string> {
    // A test runner that finds itself within another one reports to that.
    const { NODE_TEST_CONTEXT: _, JEST_WORKER_ID: __, ...env } = process.env;
    const options = { cwd: project, env, timeout: LONGEST_RUN, maxBuffer: 10_000_000 };
    const { stdout } = await run(process.execPath, args, options);
    return stdout;
  }
});

/** A folder where the package goes by its name, and its development packages are found. */
async function createProject(files: Readonly<Record<string, string>>): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'test-runners-'));
  await copyFile(join(projectRoot, 'package.json'), join(project, 'package.json'));
  await symlink(join(projectRoot, 'node_modules'), join(project, 'node_modules'));
  await mkdir(join(project, 'dist'));
  await symlink(await compiledLib(), join(project, 'dist/lib'));
  const [example] = blocksOf('docs/testing.md', 'ts');
  const sources = {
    'kit-cases.js': readProjectFile('test/testing/kit-cases.ts'),
    'docs.test.mjs': example?.code ?? '',
  };
  for (const [name, source] of Object.entries(sources)) {
    const { code } = await transform(source, { configFile: join(projectRoot, '.swcrc') });
    await writeFile(join(project, name), code);
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  return project;
}

/** How many tests the suite and the kit's cases have. */
function registeredTests(): number {
  let count = 0;
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: () => count++,
  };
  describeSessionAdapter('', () => new MemoryAdapter(), runner);
  describeKit(runner);
  return count;
}
