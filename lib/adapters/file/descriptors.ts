import { closeSync, fchmod, fdatasync, fstat, fsync, open, read, write, writeFile } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);

/*
 * Files by their descriptors: a `FileHandle` of node:fs/promises is an emitter that counts its uses,
 * and makes reading a small file half as dear again.
 */
export const readInto = promisify(read);
export const writeAt = promisify(write);
export const writeAll = promisify(writeFile);
export const statOf = promisify(fstat);
export const changeMode = promisify(fchmod);
export const syncData = promisify(fdatasync);
export const syncAll = promisify(fsync);

/**
 * Opens a file, does the work, and closes it whatever comes of that. It is closed right here: nothing
 * waits for a disk then, and handing it to another thread costs as much as reading the file.
 */
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
    closeSync(descriptor);
  }
}
