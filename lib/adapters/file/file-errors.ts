import { unlink } from 'node:fs/promises';
import {
  InvalidSessionOptionsException,
  type SessionException,
  SessionStoreUnavailableException,
} from '../../exceptions/session.exceptions.js';

export function hasCode(error: unknown, code: string): boolean {
  return textIn(error, 'code') === code;
}

/** What `call` gives; undefined where there is no such file. Every other error stays one. */
export async function whereThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export async function removeIfThere(path: string): Promise<void> {
  await whereThere(unlink(path));
}

/** What a folder answers that the option path should not name: none of it ends by itself. */
const WRONG_FOLDER = new Set(
  (
    'EACCES EEXIST EINVAL EISDIR ELOOP ENAMETOOLONG ENOENT ENOSYS ENOTDIR ENOTSUP EOPNOTSUPP EPERM ' +
    'EROFS ERR_INVALID_ARG_VALUE'
  ).split(' '),
);

/**
 * What opening fails with. A disk that is full, broken or slow is an outage as it is later; the rest is
 * an option to be corrected.
 */
export function unusableFolder(path: string, error: unknown): SessionException {
  const cause = error instanceof SessionStoreUnavailableException ? error.cause : error;
  const code = textIn(cause, 'code');
  if (code === undefined || !WRONG_FOLDER.has(code)) {
    if (error instanceof SessionStoreUnavailableException) return error;
    return new SessionStoreUnavailableException(
      `The folder of the sessions could not be opened${inBrackets(code)}. Look at the disk.`,
      { cause: error },
    );
  }
  return new InvalidSessionOptionsException(
    `Sessions cannot be kept in the folder "${path}"${inBrackets(code)}. Set the option path to ` +
      'a folder that this process may create, or write into, on a disk with symbolic links.',
    { cause: error },
  );
}

export function openFolder(path: string): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    `Other users may write into the folder "${path}", so they could plant sessions. Set the option ` +
      'path to a folder below it, which is made for this user only, or run chmod 700 on it.',
  );
}

export function noFolder(): InvalidSessionOptionsException {
  return new InvalidSessionOptionsException(
    'The file adapter needs the option path: the folder for the session files, such as ' +
      "'./var/sessions'.",
  );
}

export function timedOut(milliseconds: number): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    `The session files did not answer within ${milliseconds} ms. Look at the disk and at stopped ` +
      'processes that use the same folder, or raise storeTimeout.',
  );
}

/**
 * What a failed file operation becomes. The message of Node has the path, and that what was made
 * from the key: only operation and code are kept. Other errors stay as they are.
 */
export function refused(error: unknown): unknown {
  const operation = textIn(error, 'syscall');
  const code = textIn(error, 'code');
  if (operation === undefined || code === undefined) return error;
  return new SessionStoreUnavailableException(
    `A session file could not be read or written (${code}). Look at the disk, and at the rights on ` +
      'the folder.',
    { cause: Object.assign(new Error(`${code}: ${operation}`), { code }) },
  );
}

function inBrackets(code: string | undefined): string {
  return code === undefined ? '' : ` (${code})`;
}

function textIn(error: unknown, property: 'code' | 'syscall'): string | undefined {
  const value: unknown = (error as Partial<Record<typeof property, unknown>> | undefined)?.[
    property
  ];
  return typeof value === 'string' ? value : undefined;
}
