// A process that writes session files until it is killed:
// <compiled lib> <folder> <names of the records, with commas> <number of the first write>
import { createHash, randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LARGEST = 20_000;
const LIFETIME = 3600;

const [, , lib = '', folder = '', names = '', first = ''] = process.argv;

/** @type {typeof import('../../../lib/adapters/file.adapter.js')} */
const { FileAdapter } = await import(pathToFileURL(join(lib, 'adapters/file.adapter.js')).href);
const adapter = new FileAdapter({ path: folder });
const keys = names.split(',');

// Whoever started it is told before and after each write, and has heard it when this goes on.
/** @param {string} line */
const tell = (line) => void writeSync(1, `${line}\n`);

for (let number = Number(first); ; number++) {
  const key = keys[randomInt(keys.length)] ?? '';
  const record = await adapter.read(key);
  const isRemoved = record !== undefined && randomInt(5) === 0;
  tell(`begin ${key} ${isRemoved ? '' : number}`);
  if (isRemoved) await adapter.destroy(key);
  else if (record === undefined) await adapter.create(key, dataOf(number), LIFETIME);
  else await adapter.update(key, dataOf(number), LIFETIME, record.version);
  tell('done');
}

/**
 * What can be seen to be whole: a number, text of any length, and a sum over both.
 *
 * @param {number} number
 */
function dataOf(number) {
  const content = `${number} ${'x'.repeat(randomInt(LARGEST))}`;
  return `${createHash('sha256').update(content).digest('hex')} ${content}`;
}
