import {
  InvalidSessionOptionsException,
  SessionException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../../exceptions/session.exceptions.js';
import { Status } from './commands.js';
import type { ServerAddress } from './server-address.js';

/** What came is not the answer to what was asked. Whatever else the connection gives is as doubtful. */
export class UnprovenAnswerException extends SessionStoreUnavailableException {
  constructor(cause: unknown) {
    super('memcached gave an answer that belongs to another request.', { cause });
  }
}

/** What memjs, or the socket below it, failed with. The server stands in `cause` alone. */
export function connectionFailure(address: ServerAddress, reason: unknown): SessionException {
  if (reason instanceof SessionException) return reason;
  // memjs knows one fault that is a bare string.
  if (typeof reason === 'string') return loginRefused(address);
  return new SessionStoreUnavailableException(
    'There is no connection to memcached. Check that it runs and that its address is right; ' +
      'the connection comes back by itself.',
    { cause: at(address, reason) },
  );
}

export function timedOut(address: ServerAddress): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException('memcached did not answer within `storeTimeout`.', {
    cause: at(address),
  });
}

export function closed(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException('The memcached adapter is closed.');
}

export function withoutVersions(address: ServerAddress): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    'memcached runs with CAS switched off, so that parallel requests would overwrite each other. ' +
      'Start it without -C.',
    { cause: at(address) },
  );
}

/** An answer that says neither yes nor no. */
export function refused(address: ServerAddress, status: number): SessionStoreUnavailableException {
  const reason =
    status === Status.OUT_OF_MEMORY
      ? 'is full and may not evict (-M): give it more memory'
      : `refused the command with status 0x${status.toString(16)}`;
  return new SessionStoreUnavailableException(`memcached ${reason}.`, { cause: at(address) });
}

export function tooLarge(bytes: number, remedy: string): SessionSerializationException {
  return new SessionSerializationException(`The session takes ${bytes} bytes; ${remedy}.`);
}

export function at({ host, port }: ServerAddress, cause?: unknown): Error {
  return new Error(`memcached at ${host}, port ${port}`, cause === undefined ? {} : { cause });
}

function loginRefused(address: ServerAddress): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    'memcached refused the login. Check the options `username` and `password`.',
    { cause: at(address) },
  );
}
