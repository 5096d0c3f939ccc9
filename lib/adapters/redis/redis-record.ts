import { randomInt } from 'node:crypto';
import type { RecordVersion, StoredRecord } from '../session-adapter.js';
import { noAnswer } from './redis-errors.js';

const OWN_PREFIX = /^(\d{1,16}):/;
const LARGEST_VERSION = 2 ** 48 - 1;
const FOREIGN_VERSION = 'foreign';

/** What a server says of a command in a transaction that the application has begun on its client. */
export const QUEUED = 'QUEUED';

/** What stands for a value that is not even text. */
export const FOREIGN: StoredRecord = { data: '', version: FOREIGN_VERSION };

/** A record is one string: its version, a colon, its data. */
export function encode(version: number, data: string): string {
  return `${version}:${data}`;
}

/** Text without a version is handed on whole: whoever knows what records look like refuses it. */
export function decode(text: string): StoredRecord {
  const prefix = OWN_PREFIX.exec(text);
  if (!prefix) return { data: text, version: FOREIGN_VERSION };
  return { data: text.slice(prefix[0].length), version: Number(prefix[1]) };
}

/**
 * Random with every write, so that none comes again: not when a key is destroyed and created again, nor
 * when a failover or a restart has lost the last writes, of which somebody may have read the version.
 */
export function newVersion(): number {
  return randomInt(LARGEST_VERSION);
}

/** Foreign data has another kind of version, with which nothing can be updated. */
export function isOwnVersion(version: RecordVersion): version is number {
  return Number.isSafeInteger(version);
}

/**
 * The number that is the answer; some clients give it as text.
 *
 * @throws SessionStoreUnavailableException for what is none
 */
export function countIn(reply: unknown): number {
  const count = typeof reply === 'number' ? reply : Number.parseInt(String(reply), 10);
  if (Number.isInteger(count)) return count;
  throw noAnswer();
}
