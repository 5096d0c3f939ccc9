// `npm start`: from a fresh clone to the running sample. Another file of it may be named.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ensureNpmPackages } from './npm-packages.mjs';
import { projectRoot, runNode } from './run-command.mjs';

const compile = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];

const [file = 'main.js'] = process.argv.slice(2);

process.exitCode = (await ensureNpmPackages()) || (await runNode(compile));

if (process.exitCode === 0) {
  process.env['PORT'] ??= '3000';
  // In this process, so that signals and the exit code are the sample's own and no server stays.
  await import(pathToFileURL(join(projectRoot, 'dist/sample', file)).href);
}
