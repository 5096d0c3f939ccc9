import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';
import type { SessionCommonOptions } from './interfaces/session-common-options.interface.js';

/**
 * Refuses what sessions that are kept in their cookies cannot have.
 *
 * @throws InvalidSessionOptionsException
 */
export function assertCookieSessionOptions(options: SessionCommonOptions): void {
  if (options.encryption === undefined) {
    refuse(
      'needs the option "encryption": the cookie holds the session itself, and whoever has it could ' +
        'read and change it. Give { keys: [...] }.',
    );
  }
  if (options.absoluteLifetime === false) {
    refuse(
      'needs an "absoluteLifetime": nothing else ends a copy of a cookie. Give it in seconds.',
    );
  }
  for (const option of ['maxSessionsPerOwner', 'renewAfter'] as const) {
    if (options[option] === undefined) continue;
    refuse(
      `does not have the option "${option}": nobody knows which sessions there are. Remove the ` +
        'option, or choose an adapter with a store.',
    );
  }
}

function refuse(sentence: string): never {
  throw new InvalidSessionOptionsException(`The adapter "cookie" ${sentence}`);
}
