import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { projectRoot } from '../repository/project.js';
import { blocksOf, type CodeBlock } from './code-blocks.js';

/** Inside the project, so that the blocks find the packages. Git does not see it. */
const FOLDER = join(projectRoot, 'test/docs/.blocks');

/** The folder of all blocks, empty. */
export async function makeBlocksFolder(): Promise<string> {
  await removeBlocks();
  await mkdir(FOLDER);
  return FOLDER;
}

/**
 * The TypeScript of a page as files that can be imported, each under its name; those that import
 * each other stand together.
 */
export async function writeBlocks(page: string): Promise<readonly CodeBlock[]> {
  const folder = join(FOLDER, basename(page, '.md'));
  await mkdir(folder, { recursive: true });
  const blocks = blocksOf(page, 'ts').map((block) => ({
    ...block,
    path: join(folder, basename(block.path)),
  }));
  await Promise.all(blocks.map(({ path, code }) => writeFile(path, code)));
  return blocks;
}

export async function removeBlocks(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
}
