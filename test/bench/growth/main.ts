// How cost grows, see docs/performance.md: plots and their formulas into docs/performance/.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../results.js';
import type { Curve } from './curve.js';
import { filesCurve } from './files.js';
import { parallelRequestsCurve } from './parallel-requests.js';
import { plotCurve } from './plot.js';
import { sessionSizeCurve } from './session-size.js';
import { sessionsInMemoryCurve } from './sessions-in-memory.js';

const FOLDER = 'docs/performance';

const curves: Curve[] = [];
for (const measure of [
  sessionSizeCurve,
  sessionsInMemoryCurve,
  parallelRequestsCurve,
  filesCurve,
]) {
  const curve = await measure();
  curves.push(curve);
  print(`${curve.y}, by ${curve.x}: ${curve.formula}`);
  for (const [x, y] of curve.points) print(`  ${x.toLocaleString('en')}: ${y.toPrecision(4)}`);
  for (const remark of curve.remarks) print(`  ${remark}`);
}
await mkdir(FOLDER, { recursive: true });
for (const curve of curves) await writeFile(join(FOLDER, `${curve.name}.svg`), plotCurve(curve));
const growth = { at: new Date().toISOString(), machine: describeMachine(), curves };
await writeFile(join(FOLDER, 'growth.json'), `${JSON.stringify(growth, undefined, 2)}\n`);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
