import { close, fchmod, fdatasync, fsync, open, read, write, writeFile } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);

/*
 * Files by their descriptors: a `FileHandle` of node:fs/promises is an emitter that counts its uses,
 * and makes reading a small file half as dear again.
 */
export const readInto = promisify(read);
export const writeAt = promisify(write);
export const writeAll = promisify(writeFile);
export const changeMode = promisify(fchmod);
export const syncData = promisify(fdatasync);
export const syncAll = promisify(fsync);

/** Opens a file, does the work, and closes it whatever comes of that. */
export async function withFile<T>(
  path: string,
  flags: string,
  work: (descriptor: number) => Promise<T>,
  mode?: number,
): Promise<T> {
  const descriptor = await openFile(path, flags, mode);
  try {
    return await work(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}
