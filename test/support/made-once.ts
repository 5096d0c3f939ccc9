import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/nestjs-session-bag', import.meta.url),
);

/**
 * Has `make` make the folder, or copies what it has made earlier, owners included.
 *
 * @param recipe all that decides what becomes of it
 */
export async function madeOnce(
  folder: string,
  recipe: readonly string[],
  make: () => Promise<unknown>,
): Promise<void> {
  const user = String(process.getuid?.());
  const hash = createHash('sha256').update(JSON.stringify([user, ...recipe]));
  const kept = join(CACHE, `made-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(kept)) return copy(kept, folder);

  await make();
  await mkdir(CACHE, { recursive: true });
  const copied = `${kept}-${process.pid}`;
  await copy(folder, copied);
  // Another spec may have been faster; what it made is the same.
  await rename(copied, kept).catch(() => rm(copied, { recursive: true }));
}

/** Unlike `cp()` of Node.js it keeps owners and modes. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to]);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
