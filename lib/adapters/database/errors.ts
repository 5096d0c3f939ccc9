import {
  InvalidSessionOptionsException,
  SessionException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../../exceptions/session.exceptions.js';

const TOO_LARGE = new Set([
  '22001', // PostgreSQL: longer than its column
  '54000', // PostgreSQL: a limit of the program
  'ER_NET_PACKET_TOO_LARGE',
  'ER_DATA_TOO_LONG',
  'SQLITE_TOOBIG',
]);

/** The text has a character that the database, or its table, has no place for. */
const UNTRANSLATABLE = new Set([
  '22P05', // PostgreSQL
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_CANNOT_CONVERT_STRING',
]);

const TABLE_MISSING = new Set([
  '3F000', // PostgreSQL: no such schema
  '42P01', // PostgreSQL: no such table
  '42703', // PostgreSQL: no such column
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
  'SQLITE_ERROR', // all that SQLite says of a table or column that is not there
]);

const USELESS_CONNECTION = new Set([
  '25006', // PostgreSQL: read-only
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_NET_PACKET_TOO_LARGE',
  'ER_OPTION_PREVENTS_STATEMENT', // MySQL: --read-only
  'ER_READ_ONLY_MODE',
]);

/** Serialization failures, deadlocks, a file that another process is writing. */
const WITHOUT_EFFECT = /^(40001|40P01|ER_LOCK_DEADLOCK|SQLITE_BUSY.*|SQLITE_LOCKED.*)$/;

/** The login or the database of `connection` is not one that the server takes. */
const NOT_LET_IN = new Set([
  '28000', // PostgreSQL: no such role, or not from here
  '28P01', // PostgreSQL: wrong password
  '3D000', // PostgreSQL: no such database
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_HOST_NOT_PRIVILEGED',
  'SQLITE_NOTADB',
  'ERR_INVALID_URL',
]);

/** Where it may not be written, or its folder is not there; neither comes by itself. */
const FILE_NOT_LET_IN = /^SQLITE_(CANTOPEN|READONLY|PERM)/;

/**
 * What drivers say without a code: a missing password (pg) or folder (better-sqlite3), a URL or a
 * charset that is none (mysql2).
 */
const NOT_LET_IN_TEXT =
  /password must be a string|directory does not exist|URI malformed|Unknown charset/;

export function timedOut(milliseconds: number): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    `The session database did not answer within ${milliseconds} ms.`,
  );
}

export function closed(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException('The session database adapter is closed.');
}

/** No statement was sent yet: what the driver says can hold a host and a user, but no data. */
export function unreachable(error: unknown): SessionStoreUnavailableException {
  const code = driverCode(error);
  return new SessionStoreUnavailableException(
    `The session database cannot be reached${inBrackets(code)}. ` +
      'Check `connection`, and that the server runs and lets this user in.',
    {
      cause: causeWith(
        code,
        textOf(error, 'message') || `The driver reported ${code ?? 'nothing'}.`,
      ),
    },
  );
}

/** Of an error that opening failed with: whether no waiting helps, since the options are wrong. */
export function wrongConnection(error: unknown): InvalidSessionOptionsException | undefined {
  const cause = error instanceof SessionStoreUnavailableException ? error.cause : undefined;
  const code = driverCode(cause);
  const isWrong =
    code === undefined
      ? NOT_LET_IN_TEXT.test(textOf(cause, 'message') ?? '')
      : NOT_LET_IN.has(code) || FILE_NOT_LET_IN.test(code);
  if (!isWrong) return undefined;
  return new InvalidSessionOptionsException(
    `The session database does not let this application in${inBrackets(code)}. Check the address, ` +
      'the login and the database in `connection`, or for SQLite the path and the rights on its folder.',
    { cause },
  );
}

/**
 * Knex puts the statement with its bindings into the message, and drivers quote values in theirs:
 * of such an error only the code is handed on.
 */
export function refused(error: unknown): SessionException {
  const code = driverCode(error);
  const cause = causeWith(code, `The driver reported ${code ?? 'an error without a code'}.`);
  if (code !== undefined && TOO_LARGE.has(code)) {
    return new SessionSerializationException(
      `The session is larger than its database takes (${code}). Keep less in it.`,
      { cause },
    );
  }
  if (code !== undefined && UNTRANSLATABLE.has(code)) {
    return new SessionSerializationException(
      `The session has characters that its database cannot keep (${code}). Take a database, and a table, ` +
        'in UTF-8 (utf8mb4).',
      { cause },
    );
  }
  return new SessionStoreUnavailableException(
    `The session database refused a statement, or its answer was lost${inBrackets(code)}.`,
    { cause },
  );
}

/** Knex gave up waiting, for a connection or for an answer. */
export function isTimeout(error: unknown): boolean {
  return textOf(error, 'name') === 'KnexTimeoutError';
}

/**
 * As the driver threw it: MySQL closes the connection a little later, or its other end takes no writes
 * any more, being a replica since a failover. The next connection may lead to the new primary.
 */
export function isConnectionUseless(error: unknown): boolean {
  return USELESS_CONNECTION.has(driverCode(error) ?? '');
}

/** The statement changed nothing and may be sent again. */
export function isWithoutEffect(error: unknown): boolean {
  return WITHOUT_EFFECT.test(codeOf(error));
}

/** Of a statement that did nothing but name the table and its columns. */
export function isTableMissing(error: unknown): boolean {
  return TABLE_MISSING.has(codeOf(error));
}

export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === 'ER_DUP_ENTRY';
}

/** The driver's code behind an error of this file, or an empty string. */
function codeOf(error: unknown): string {
  return (error instanceof SessionException && driverCode(error.cause)) || '';
}

/** The SQLSTATE of PostgreSQL, or the name that MySQL, SQLite or the system gives an error. */
function driverCode(error: unknown): string | undefined {
  return textOf(error, 'code');
}

/** Without `instanceof`: a native driver that is loaded once serves several realms, as Jest has. */
function textOf(error: unknown, property: 'code' | 'name' | 'message'): string | undefined {
  const value = (Object(error) as Record<string, unknown>)[property];
  return typeof value === 'string' ? value : undefined;
}

function causeWith(code: string | undefined, message: string): Error {
  const cause = new Error(message);
  return code === undefined ? cause : Object.assign(cause, { code });
}

function inBrackets(code: string | undefined): string {
  return code === undefined ? '' : ` (${code})`;
}
