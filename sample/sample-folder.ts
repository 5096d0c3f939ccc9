import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of the sample that is not compiled: this file runs from sample/ and from dist/sample/. */
export function sampleFolder(name: string): string {
  const roots = ['..', '../..'].map((up) => join(import.meta.dirname, up));
  const root = roots.find((folder) => existsSync(join(folder, 'package.json')));
  if (root === undefined) throw new Error('The sample has been moved out of its project.');
  return join(root, 'sample', name);
}
