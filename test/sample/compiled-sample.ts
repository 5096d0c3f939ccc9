import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { projectRoot, readPackageJson } from '../repository/project.js';
import { compiledLib } from '../support/compiled-lib.js';

/**
 * The sample as JavaScript, as `npm start` has it in dist/: in a package of this name, whose lib/ it
 * imports. Node.js runs `main.js` of it.
 *
 * @returns the folder to be removed, and that of the sample in it
 */
export async function compileSample(): Promise<{ root: string; sample: string }> {
  const root = await mkdtemp(join(tmpdir(), 'sample-'));
  const sample = join(root, 'dist/sample');
  await Promise.all([
    writeFile(join(root, 'package.json'), JSON.stringify(packageJson())),
    symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules')),
    mkdir(join(root, 'dist')).then(async () =>
      symlink(await compiledLib(), join(root, 'dist/lib')),
    ),
    ...['views', 'assets'].map((name) =>
      cp(join(projectRoot, 'sample', name), join(root, 'sample', name), { recursive: true }),
    ),
    ...(await sources()).map((file) => compile(file, join(sample, file.replace(/\.ts$/, '.js')))),
  ]);
  return { root, sample };
}

export function removeSample(root: string): Promise<void> {
  return rm(root, { recursive: true, force: true });
}

function packageJson(): object {
  const { exports } = readPackageJson();
  return { name: 'nestjs-session-bag', type: 'module', exports };
}

async function sources(): Promise<string[]> {
  const names = await readdir(join(projectRoot, 'sample'), { recursive: true });
  return names.filter((name) => name.endsWith('.ts'));
}

async function compile(file: string, target: string): Promise<void> {
  const configFile = join(projectRoot, '.swcrc');
  const { code } = await transformFile(join(projectRoot, 'sample', file), { configFile });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}
