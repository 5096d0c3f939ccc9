// `npm start`: from a fresh clone to the running sample. Another file of it may be named.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectRoot, runNode } from './run-command.mjs';
import { ensureSamplePackages } from './sample-packages.mjs';

// Without the types: the optional packages that some are of need not be installed.
const options = '-p tsconfig.build.json --noCheck --declaration false';
const compile = ['node_modules/typescript/bin/tsc', ...options.split(' ')];

const [file = 'main.js'] = process.argv.slice(2);

process.exitCode =
  (await ensureSamplePackages(process.env['SESSION_ADAPTER'])) || (await runNode(compile));

if (process.exitCode === 0) {
  process.env['PORT'] ??= '3000';
  // In this process, so that signals and the exit code are the sample's own and no server stays.
  await import(pathToFileURL(join(projectRoot, 'dist/sample', file)).href);
}
