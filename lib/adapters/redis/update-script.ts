import { createHash } from 'node:crypto';
import type { Send } from './redis-client.js';
import { replyCode } from './redis-errors.js';
import { countIn } from './redis-record.js';

/** KEYS[1] the key, ARGV: what it must begin with, the new record, its life in milliseconds. */
const SCRIPT = `
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;

const SCRIPT_HASH = createHash('sha1').update(SCRIPT).digest('hex');

/** Replaces what lies under `key` if it begins with `prefix`; resolves to whether it did. */
export async function sendUpdate(
  send: Send,
  key: string,
  prefix: string,
  record: string,
  life: string,
): Promise<boolean> {
  const args = ['1', key, prefix, record, life];
  try {
    return countIn(await send(['EVALSHA', SCRIPT_HASH, ...args], key)) === 1;
  } catch (error) {
    // A server that has not seen the script yet, or forgot it; nothing has been done.
    if (replyCode(error) === 'NOSCRIPT') {
      return countIn(await send(['EVAL', SCRIPT, ...args], key)) === 1;
    }
    // By now something else lies under the key: the record is gone.
    if (replyCode(error) === 'WRONGTYPE') return false;
    throw error;
  }
}
