import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transform } from '@swc/core';
import { execFile } from 'node:child_process';
import { cp, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { blocksOf } from '../docs/code-blocks.js';
import { projectRoot } from '../repository/project.js';
import { compiledLib } from '../support/compiled-lib.js';

const run = promisify(execFile);
const LONGEST_RUN = 120_000;

const APP_SPEC = `
import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Bag, SessionBag, SessionContext, SessionModule } from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { CountingAdapter, readSession, sessionCookie } from 'nestjs-session-bag/testing';

@Controller()
class CartController {
  @Get()
  count(@SessionBag('cart') cart: Bag<{ count: number }>) {
    return (cart.count = (cart.count ?? 0) + 1);
  }
}

it.each([undefined, 'memory', new CountingAdapter(new MemoryAdapter())])('counts', async (adapter) => {
  const testing = await Test.createTestingModule({
    imports: [SessionModule.forRoot({ adapter } as never)],
    controllers: [CartController],
  }).compile();
  const cookie = await sessionCookie(testing, { bags: { cart: { count: 1 } } });
  const context = testing.get(SessionContext);
  await context.run({ headers: { cookie }, socket: {} } as never, async () => {
    const session = await context.start();
    expect(testing.get(CartController).count(session.bag('cart'))).toBe(2);
  });
  expect((await readSession(testing, cookie)).get('cart')).toEqual({ count: 2 });
  await testing.close();
});
`;

describe('a project of CommonJS that is tested with Jest as docs/testing.md says', () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'jest-commonjs-'));
    await installPackages(join(project, 'node_modules'));
    await writeFile(join(project, 'package.json'), '{}');
    await writeFile(join(project, 'jest.config.json'), JSON.stringify(configInDocs()));
    await writeFile(join(project, 'app.spec.js'), await asCommonJs(APP_SPEC));
  });
  afterAll(() => rm(project, { recursive: true }));

  it(
    'has sessions',
    async () => {
      const jest = join(projectRoot, 'node_modules/jest/bin/jest.js');
      const { JEST_WORKER_ID: _, ...env } = process.env;
      const options = { cwd: project, env, timeout: LONGEST_RUN };
      const { stdout } = await run(process.execPath, [jest, '--json'], options);
      expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 3, success: true });
    },
    LONGEST_RUN,
  );
});

/** As after `npm install`: this package is a folder among the others. */
async function installPackages(folder: string): Promise<void> {
  const own = join(folder, 'nestjs-session-bag');
  await mkdir(join(own, 'dist'), { recursive: true });
  await cp(await compiledLib(), join(own, 'dist/lib'), { recursive: true });
  await copyFile(join(projectRoot, 'package.json'), join(own, 'package.json'));
  const others = join(projectRoot, 'node_modules');
  const names = (await readdir(others)).filter((name) => !name.startsWith('.'));
  await Promise.all(names.map((name) => symlink(join(others, name), join(folder, name))));
}

/** With what this repository has in place of a Nest 11 project: ES modules of Nest, and no ts-jest. */
function configInDocs(): object {
  const [block] = blocksOf('docs/testing.md', 'json');
  const config = JSON.parse(block?.code ?? '{}') as {
    transform: Record<string, unknown>;
    transformIgnorePatterns: string[];
  };
  const [pattern = ''] = Object.keys(config.transform);
  const commonJs = { module: { type: 'commonjs' } };
  return {
    transform: { [pattern]: [join(projectRoot, 'node_modules/@swc/jest'), commonJs] },
    transformIgnorePatterns: config.transformIgnorePatterns.map((ignored) =>
      ignored.replace('nestjs-session-bag', '(nestjs-session-bag|@nestjs)'),
    ),
    haste: { enableSymlinks: false },
  };
}

async function asCommonJs(source: string): Promise<string> {
  const { code } = await transform(source, {
    configFile: join(projectRoot, '.swcrc'),
    module: { type: 'commonjs' },
    sourceMaps: false,
  });
  return code;
}
