import { InvalidSessionOptionsException } from '../../exceptions/session.exceptions.js';
import type { Send } from './redis-client.js';
import { isLoginRefused, isUnknownCommand, replyCode, withoutArguments } from './redis-errors.js';

const NEEDED = 'Sessions need GETEX: use Redis 6.2 or newer, or Valkey.';
const PROBE_KEY = 'nestjs-session-bag:probe';

/** @throws InvalidSessionOptionsException when the server is too old or refuses the login */
export async function checkServer(send: Send): Promise<void> {
  const version = await serverVersion(send);
  if (!version) return probe(send);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return;
  throw new InvalidSessionOptionsException(`The Redis server has version ${version}. ${NEEDED}`);
}

/** Undefined where the user may not ask, or a proxy in between does not know. */
async function serverVersion(send: Send): Promise<string | undefined> {
  try {
    const info = await send(['INFO', 'server']);
    refuseSilence(info);
    return /^redis_version:([\d.]+)/m.exec(String(info))?.[1];
  } catch (error) {
    if (isLoginRefused(error)) {
      throw new InvalidSessionOptionsException(
        'The Redis server refused the login. Check the options username and password.',
        { cause: withoutArguments(error) },
      );
    }
    if (replyCode(error) === 'NOPERM' || isUnknownCommand(error)) return undefined;
    throw error;
  }
}

/**
 * A client for callbacks has promises that say nothing, neither that a record was stored nor what it
 * is.
 */
function refuseSilence(answer: unknown): void {
  if (answer !== undefined) return;
  throw new InvalidSessionOptionsException(
    'The Redis client hands on no answers of its server. Give one of node-redis without `legacyMode`.',
  );
}

async function probe(send: Send): Promise<void> {
  try {
    await send(['GETEX', PROBE_KEY], PROBE_KEY);
  } catch (error) {
    if (isUnknownCommand(error)) {
      throw new InvalidSessionOptionsException(`The Redis server is too old. ${NEEDED}`, {
        cause: withoutArguments(error),
      });
    }
    // A user whose keys begin otherwise: what counts is that the command was understood.
    if (replyCode(error) !== 'NOPERM') throw error;
  }
}
