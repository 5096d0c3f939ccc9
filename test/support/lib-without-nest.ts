import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiledLib } from './compiled-lib.js';

/**
 * A copy of the compiled lib/ in a folder, for processes that use an adapter only and are started
 * again and again: loading Nest takes longer than all that they do, and only its Logger is asked for.
 */
export async function libWithoutNest(parent: string): Promise<string> {
  const copy = join(parent, 'lib');
  const nest = join(copy, 'node_modules/@nestjs/common');
  await cp(await compiledLib(), copy, { recursive: true });
  await mkdir(nest, { recursive: true });
  await writeFile(join(nest, 'index.js'), 'export class Logger { warn() {} }\n');
  await writeFile(join(nest, 'package.json'), '{ "type": "module", "main": "index.js" }\n');
  return copy;
}
