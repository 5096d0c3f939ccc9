// `node --import ./scripts/typescript.mjs FILE.ts`: runs a TypeScript file of this project as it is.
// Types are taken off, not checked. Node.js loads this file a second time, for its hooks.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transformSync } from '@swc/core';
import { projectRoot } from './run-command.mjs';

const ownName = 'nestjs-session-bag';
const configFile = join(projectRoot, '.swcrc');

if (isMainThread) register(import.meta.url);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  if (specifier === ownName) {
    return { url: pathToFileURL(join(projectRoot, 'lib/index.ts')).href, shortCircuit: true };
  }
  const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
  return nextResolve(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), { configFile, filename });
  return { format: 'module', source: code, shortCircuit: true };
}
