// `npm run docs`: the pages of docs/ and the API reference as static files in site/.
import { ensureNpmPackages } from './npm-packages.mjs';
import { runNode } from './run-command.mjs';

const site = ['node_modules/vitepress/bin/vitepress.js', 'build', 'docs'];
const reference = ['node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn'];

// The reference second: the site's generator empties the folder.
process.exitCode =
  (await ensureNpmPackages()) || (await runNode(site)) || (await runNode(reference));
