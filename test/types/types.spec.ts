import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot, readProjectFile } from '../repository/project.js';

const run = promisify(execFile);
const folder = join(projectRoot, 'test/types');
const LONGEST_RUN = 120_000;

it(
  'the types allow what must compile, and refuse what must not',
  async () => {
    const names = (await readdir(folder, { recursive: true })).filter((name) =>
      name.endsWith('.tst.ts'),
    );
    const texts = names.map((name) => readProjectFile(`test/types/${name}`)).join('');
    const assertions = texts.match(/\bexpect[(<]/g) ?? [];
    const suppressed = texts.match(/@ts-expect-error/g) ?? [];

    const report = await checkTypes();
    expect(report).toMatch(passed('Test files', names.length));
    expect(report).toMatch(passed('Assertions', assertions.length));
    expect(report).toMatch(new RegExp(`^Suppressed: +${suppressed.length} matched,`, 'm'));
  },
  LONGEST_RUN,
);

function passed(what: string, count: number): RegExp {
  return new RegExp(`^${what}: +${count} passed, ${count} total$`, 'm');
}

/** The report of TSTyche; its text where an assertion fails. */
async function checkTypes(): Promise<string> {
  const tstyche = join(projectRoot, 'node_modules/tstyche/build/bin.js');
  const env = { ...process.env, TSTYCHE_NO_COLOR: 'true', TSTYCHE_NO_INTERACTIVE: 'true' };
  const options = { cwd: folder, env, timeout: LONGEST_RUN };
  const ended = run(process.execPath, [tstyche, '--config', 'tstyche.json'], options);
  return ended.then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}
