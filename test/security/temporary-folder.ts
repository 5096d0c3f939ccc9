import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';

/** A browser that has been closed may write for a moment more: then a folder is not empty yet. */
const ALL_OF_IT = { recursive: true, force: true, maxRetries: 10 };

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, ALL_OF_IT);
});

/** A new folder, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-bag-security-'));
  folders.push(folder);
  return folder;
}

/** A new folder, removed after all tests of the file. */
export function keptFolder(): Promise<string> {
  const made = mkdtemp(join(tmpdir(), 'session-bag-security-'));
  afterAll(async () => rm(await made, ALL_OF_IT));
  return made;
}
