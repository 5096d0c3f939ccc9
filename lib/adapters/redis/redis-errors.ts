import { types } from 'node:util';
import {
  SessionException,
  SessionStoreUnavailableException,
} from '../../exceptions/session.exceptions.js';

const REMEDIES: Readonly<Record<string, string>> = {
  CLUSTERDOWN: 'Some of the slots of the cluster have no node: look at its state.',
  LOADING: 'It is still loading its data; nothing needs to be done.',
  MISCONF: 'It cannot save to its disk and takes no writes: look at its log.',
  MASTERDOWN: 'It is a replica without its primary: connect to the primary.',
  MOVED:
    'It is one node of a Cluster: hand over a client of the whole Cluster by the option client.',
  NOAUTH: 'It asks for a password: set the option password.',
  NOPERM: 'Its user may not do this: allow GETEX, SET, UNLINK, EVALSHA, EVAL, GETRANGE and PING.',
  OOM: 'It is full: raise its maxmemory, or give it a maxmemory-policy that evicts.',
  READONLY: 'It is a replica: connect to the primary.',
  WRONGPASS: 'Check the options username and password.',
};

/** The word at the start of a server's error reply: `NOSCRIPT`, `OOM`, `ERR` and so on. */
export function replyCode(error: unknown): string | undefined {
  return /^([A-Z]{2,}) /.exec(textOf(error))?.[1];
}

export function isUnknownCommand(error: unknown): boolean {
  return /^ERR unknown command/i.test(textOf(error));
}

export function isLoginRefused(error: unknown): boolean {
  return ['NOAUTH', 'WRONGPASS'].includes(replyCode(error) ?? '');
}

export function timedOut(limit: number): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    `Redis did not answer within ${limit} ms. Look at the server and the network, or raise storeTimeout.`,
  );
}

/** Nobody knows then whether the command was carried out. */
export function noAnswer(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    'Redis, its client or a proxy in between gave an answer that is none to what was asked. If the ' +
      'client is your own, use it for no MULTI beside the sessions.',
  );
}

/** What an adapter rejects with when its client failed; the package's own errors stay as they are. */
export function unavailable(error: unknown): SessionException {
  if (error instanceof SessionException) return error;
  const code = replyCode(error);
  const message = code
    ? `Redis refused the command with ${code}. ${REMEDIES[code] ?? 'Its reply stands in cause.'}`
    : 'There is no connection to Redis. Check that it runs and that its address is right; ' +
      'the connection comes back by itself.';
  return new SessionStoreUnavailableException(message, { cause: withoutArguments(error) });
}

/**
 * The client's error without what was sent: ioredis hangs the command with its arguments on it, be
 * it a session or the password, and a server that knows no GETEX repeats the key.
 */
export function withoutArguments(error: unknown): Error {
  const cause = new Error(textOf(error).replace(/,? with args beginning with.*$/s, ''));
  if (!types.isNativeError(error)) return cause;
  cause.name = error.name;
  return 'code' in error ? Object.assign(cause, { code: error.code }) : cause;
}

function textOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  // A name with several addresses fails with one error for each, and with no text of its own.
  const errors = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error.message, ...errors.map(textOf)].filter(Boolean).join('; ');
}
