// `npm run chaos`: from a fresh clone to the figures. Arguments go to test/chaos/main.ts.
import { ensureNpmPackages } from './npm-packages.mjs';
import { runNode } from './run-command.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const chaos = ['--import', './scripts/typescript.mjs', 'test/chaos/main.ts'];
// Clocks that jump: its library does that, and its program tells that it is there.
const faketime = { debianPackage: 'faketime', program: 'faketime' };

process.exitCode =
  (await ensureNpmPackages()) ||
  (await ensureSystemPackages([faketime])) ||
  (await runNode([...chaos, ...process.argv.slice(2)]));
