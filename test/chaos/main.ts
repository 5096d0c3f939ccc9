// `npm run chaos`: see docs/reliability.md.
import { compiledApp } from './app/app-process.js';
import { readCommandLine, USAGE } from './command-line.js';
import { runParts } from './parts.js';

const given = readCommandLine(process.argv.slice(2));
if (given === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const programs = await compiledApp();
  try {
    const failed = await runParts(programs, given);
    console.log(failed === 0 ? 'Nothing was lost.' : `${failed} runs have failed.`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    await programs.remove();
  }
}
