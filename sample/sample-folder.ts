import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder of the sample that is not compiled: this file runs from sample/ and from dist/sample/. */
export function sampleFolder(name: string): string {
  let root = import.meta.dirname;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  return join(root, 'sample', name);
}
