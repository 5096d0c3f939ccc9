import { createHash } from 'node:crypto';
import { chmod, opendir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  changeMode,
  readInto,
  statOf,
  syncAll,
  syncData,
  withFile,
  writeAll,
  writeAt,
} from './descriptors.js';
import { removeIfThere, whereThere } from './file-errors.js';
import { makeFolder } from './make-folder.js';
import {
  DAMAGED,
  decodeFrame,
  encodeExpiry,
  encodeFrame,
  EXPIRY_POSITION,
  expiryIn,
  type Found,
  type Frame,
  isLive,
  newVersion,
} from './frame.js';
import { SharedSync } from './shared-sync.js';

/** What stands in the folder under the name of one record. */
export interface Listed {
  readonly name: string;
  readonly temporary: readonly string[];
  /** How many levels of lock links there may be. */
  readonly lockLevels: number;
}

/** Bytes asked for at once: a session is rarely larger, so that one call reads it. */
const FIRST_READ = 16 * 1024;

/** For the owner only. */
const FILE_MODE = 0o600;
const ALL_MODES = 0o777;

/** A file whose expiry is being written over may look damaged once. */
const LOOKS = 3;

/** A life is extended when this part of it has passed, so that not every read writes. */
const EXTEND_AFTER = 0.1;

const OWN_FILE = /^([0-9a-f]{64})\.(?:session|[\w-]{22}\.tmp|(\d+)\.lock)$/;

/** The files of the records: how they are named, read and written. Who may write, others decide. */
export class SessionFolder {
  readonly path: string;
  readonly #sync = new SharedSync(() => withFile(this.path, 'r', syncAll));
  /** Whether the umask takes from files what their owner needs; known after the first. */
  #isMasked: boolean | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** The name of the record under `key`, which does not give the key away. */
  static nameOf(key: string): string {
    return createHash('sha256').update(key).digest('hex');
  }

  lockPath(name: string, level: number): string {
    return join(this.path, `${name}.${level}.lock`);
  }

  /** Makes the folder where there is none, for its owner only. Gives the mode bits it has. */
  async prepare(): Promise<number> {
    if (await makeFolder(this.path)) await chmod(this.path, 0o700);
    return (await stat(this.path)).mode;
  }

  /** @throws Error when the folder is not there */
  async check(): Promise<void> {
    await stat(this.path);
  }

  /** @param ttl - seconds that a live record is to live from now on */
  async load(name: string, ttl?: number): Promise<Found> {
    const found = await whereThere(
      withFile(this.#recordPath(name), ttl === undefined ? 'r' : 'r+', async (file) => {
        const read = await readFrame(file, name);
        if (ttl !== undefined && isLive(read)) await extend(file, read, ttl);
        return read;
      }),
    );
    // What is not there is absent only while the folder is there.
    if (found === undefined) await this.check();
    return found;
  }

  /** Puts the record in the place of what was there, whole or not at all. */
  async save(name: string, data: string, ttl: number): Promise<void> {
    const version = newVersion();
    const temporary = join(this.path, `${name}.${version}.tmp`);
    try {
      const bytes = encodeFrame(name, { version, expires: expiryIn(ttl), data });
      await withFile(temporary, 'wx', (file) => this.#fill(file, bytes), FILE_MODE);
      await rename(temporary, this.#recordPath(name));
    } catch (error) {
      // What went wrong first is what counts; sweep removes the file.
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await removeIfThere(this.#recordPath(name));
  }

  async removeTemporary(file: string): Promise<void> {
    await removeIfThere(join(this.path, file));
  }

  /** From here on a crash of the machine undoes no save and no remove. */
  makeDurable(): Promise<void> {
    return this.#sync.run();
  }

  /** What has a name that this class gives; nothing else in the folder. */
  async list(): Promise<Listed[]> {
    const records = new Map<string, { name: string; temporary: string[]; lockLevels: number }>();
    // A few at a time: to be given all names at once, and to look at them, would stop the process.
    for await (const { name: file } of await opendir(this.path)) {
      const [, name, level] = OWN_FILE.exec(file) ?? [];
      if (name === undefined) continue;
      const record = records.get(name) ?? { name, temporary: [], lockLevels: 0 };
      records.set(name, record);
      if (level !== undefined) record.lockLevels = Math.max(record.lockLevels, Number(level) + 1);
      if (file.endsWith('.tmp')) record.temporary.push(file);
    }
    return [...records.values()];
  }

  async #fill(file: number, bytes: Buffer): Promise<void> {
    this.#isMasked ??= ((await statOf(file)).mode & ALL_MODES) !== FILE_MODE;
    if (this.#isMasked) await changeMode(file, FILE_MODE);
    await writeAll(file, bytes);
    await syncData(file);
  }

  #recordPath(name: string): string {
    return join(this.path, `${name}.session`);
  }
}

async function readFrame(file: number, name: string): Promise<Found> {
  let found: Found = DAMAGED;
  for (let look = 0; look < LOOKS && found === DAMAGED; look++) {
    found = decodeFrame(name, await readAll(file));
  }
  return found;
}

async function readAll(file: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let position = 0, size = FIRST_READ; ; size *= 2) {
    const chunk = Buffer.allocUnsafe(size);
    const { bytesRead } = await readInto(file, chunk, 0, size, position);
    chunks.push(chunk.subarray(0, bytesRead));
    position += bytesRead;
    // A regular file gives less than was asked for at its end only.
    if (bytesRead < size) return Buffer.concat(chunks);
  }
}

/**
 * Writes over the expiry in the open file. A file that was removed or replaced in the meantime is
 * not brought back by that, nor is what replaced it touched. A crash of the machine may undo it.
 */
async function extend(file: number, { version, expires }: Frame, ttl: number): Promise<void> {
  const life = ttl * 1000;
  const left = expires - Date.now();
  if (left <= life && left >= life * (1 - EXTEND_AFTER)) return;
  await writeAt(file, encodeExpiry(version, expiryIn(ttl)), EXPIRY_POSITION);
}
