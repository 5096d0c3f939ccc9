import { transformFile } from '@swc/core';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledLib } from './compiled-lib.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Programs of test/ as JavaScript, for processes of their own: Node.js runs no TypeScript. */
export class CompiledPrograms {
  /**
   * Compiles files of the project, named by their paths without `.ts`: every program, and every
   * file of test/ that it imports. `remove()` it afterwards.
   */
  static async of(sources: readonly string[]): Promise<CompiledPrograms> {
    const folder = await mkdtemp(join(tmpdir(), 'programs-'));
    // They import the package by its name, which is the name of their own folder here.
    const exports = { '.': './lib/index.js' };
    const manifest = { name: 'nestjs-session-bag', type: 'module', exports };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await cp(await compiledLib(), join(folder, 'lib'), { recursive: true });
    await Promise.all(sources.map((source) => compile(source, folder)));
    return new CompiledPrograms(folder);
  }

  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** The JavaScript of a source that was compiled. */
  fileOf(source: string): string {
    return join(this.#folder, `${source}.js`);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

async function compile(source: string, folder: string): Promise<void> {
  const { code } = await transformFile(join(ROOT, `${source}.ts`), {
    configFile: join(ROOT, '.swcrc'),
  });
  const file = join(folder, `${source}.js`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
}
