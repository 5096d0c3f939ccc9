import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './file-errors.js';

/**
 * Makes the folder, and those above it, where there is none, for its owner only. Gives whether it
 * did. The recursive `mkdir` of Node.js does not come back where a folder can never be made, as in
 * `/proc`.
 */
export async function makeFolder(path: string): Promise<boolean> {
  const make = (): Promise<boolean> => mkdir(path, { mode: 0o700 }).then(() => true);
  try {
    return await make();
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return false;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    // Another process may have been quicker; that there is none is an answer now.
    return make().catch((again: unknown) => {
      if (hasCode(again, 'EEXIST')) return false;
      throw again;
    });
  }
}
