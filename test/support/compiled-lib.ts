import { transformFile } from '@swc/core';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Below node_modules, so that the compiled files find the packages, and Git does not see them.
const CACHE = join(ROOT, 'node_modules/.cache/nestjs-session-bag');

let compiled: Promise<string> | undefined;

/**
 * The folder that holds lib/ as JavaScript modules, for child processes, which cannot run
 * TypeScript: `await import(pathToFileURL(join(await compiledLib(), 'adapters/file.adapter.js')))`.
 * Compiled once for each state of lib/, whichever spec asks first.
 */
export function compiledLib(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const sources = await sourcesOf(join(ROOT, 'lib'));
  const hash = createHash('sha256').update(await readFile(join(ROOT, '.swcrc')));
  for (const [name, text] of sources) hash.update(name).update('\0').update(text).update('\0');
  const folder = join(CACHE, hash.digest('hex').slice(0, 16));
  if (await exists(folder)) return folder;

  await mkdir(CACHE, { recursive: true });
  const made = await mkdtemp(join(CACHE, 'new-'));
  await writeFile(join(made, 'package.json'), '{ "type": "module" }\n');
  await Promise.all([...sources.keys()].map((name) => compileFile(name, made)));
  // Another spec may have been faster; what it made is the same.
  await rename(made, folder).catch(() => rm(made, { recursive: true }));
  return folder;
}

async function sourcesOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(
    names
      .toSorted()
      .map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
  );
  return new Map(texts);
}

async function compileFile(name: string, target: string): Promise<void> {
  const { code } = await transformFile(join(ROOT, 'lib', name), {
    configFile: join(ROOT, '.swcrc'),
  });
  const file = join(target, name.replace(/\.ts$/, '.js'));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
