import { unlink } from 'node:fs/promises';
import {
  InvalidSessionOptionsException,
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

export function unusableFolder(path: string, error: unknown): InvalidSessionOptionsException {
  const code = inBrackets(textIn(error, 'code'));
  return new InvalidSessionOptionsException(
    `Sessions cannot be kept in the folder "${path}"${code}. Set the option path to ` +
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
