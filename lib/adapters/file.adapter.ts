import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type BoundedCall, BoundedCalls } from './bounded-calls.js';
import { noFolder, openFolder, refused, timedOut, unusableFolder } from './file/file-errors.js';
import { DAMAGED, isExpired, isLive, type Found } from './file/frame.js';
import { RecordLocks } from './file/record-locks.js';
import { SessionFolder, type Listed } from './file/session-folder.js';
import type { ManyRecords } from './many-records.js';
import { SessionAdapter, type RecordVersion, type StoredRecord } from './session-adapter.js';
import { assertStoreTimeout } from './store-timeout.js';

/** @publicApi */
export interface FileAdapterOptions {
  /** The folder for the session files. One that is not there is made, for this user only. */
  readonly path: string;
  /**
   * Milliseconds for one call.
   *
   * @default 2000
   */
  readonly storeTimeout?: number;
}

const WRITABLE_BY_OTHERS = 0o022;

/** Milliseconds between two warnings about damaged files. */
const WARNING_INTERVAL = 60_000;

/** Milliseconds, at most, until a record that another process is writing is looked at again. */
const LONGEST_PAUSE = 10;

/**
 * Keeps each session in a file, for the processes of one machine.
 *
 * Readers take what is there: a file is replaced as a whole, so they see the old record or the new
 * one. Writers have the lock of the record, look at its version, and then replace or remove the
 * file; a process that was killed holds no lock. What was accepted is on the disk.
 *
 * A file that is not what was written for its key is never read as a session, and left where it is:
 * `read` gives undefined and warns, `create` and `update` give false. `destroy` removes it.
 *
 * For POSIX systems, on a disk that knows symbolic links.
 *
 * @publicApi
 */
export class FileAdapter extends SessionAdapter implements Partial<ManyRecords> {
  readonly #path: string;
  readonly #calls: BoundedCalls;
  readonly #folder: SessionFolder;
  readonly #locks: RecordLocks;
  #opened: Promise<void> | undefined;
  #lastWarning = Number.NEGATIVE_INFINITY;

  /** @throws InvalidSessionOptionsException for a `storeTimeout` that makes no sense */
  constructor({ path, storeTimeout = 2000 }: FileAdapterOptions) {
    super();
    assertStoreTimeout(storeTimeout);
    this.#path = path;
    this.#calls = new BoundedCalls(storeTimeout, () => timedOut(storeTimeout));
    this.#folder = new SessionFolder(typeof path === 'string' ? path : '');
    this.#locks = new RecordLocks((name, level) => this.#folder.lockPath(name, level));
  }

  /**
   * Makes the folder and tries whether sessions can be kept in it.
   *
   * @throws InvalidSessionOptionsException when the folder is not one for them, or others may write
   *   into it; it is not changed then, since others may need it as it is
   * @throws SessionStoreUnavailableException when the disk is full, broken or slow
   */
  override async open(): Promise<void> {
    this.#locks.open();
    this.#opened ??= this.#prepare();
    try {
      await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#bounded(async () => {
      const found = await this.#load(SessionFolder.nameOf(key), ttl);
      return isLive(found) ? { data: found.data, version: found.version } : undefined;
    });
  }

  async create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#change(key, isFree, (name) => this.#folder.save(name, data, ttl));
  }

  async update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    const isCurrent = (found: Found): boolean => isLive(found) && found.version === version;
    return this.#change(key, isCurrent, (name) => this.#folder.save(name, data, ttl));
  }

  async destroy(key: string): Promise<void> {
    await this.#removeAll([key]);
  }

  /** What `destroy` does for each key, made durable at once. */
  async destroyMany(keys: readonly string[]): Promise<void> {
    await this.#removeAll(keys);
  }

  async #removeAll(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#remove(SessionFolder.nameOf(key))));
    await this.#bounded(() => this.#folder.makeDurable());
  }

  override async ping(): Promise<void> {
    await this.#bounded(() => this.#folder.check());
  }

  /** Also removes what killed processes left; no other files. What cannot be read stops no others. */
  override async sweep(): Promise<number> {
    const failures: unknown[] = [];
    const fail = (error: unknown): void => void failures.push(refused(error));
    let count = 0;
    for (const listed of (await this.#folder.list().catch(fail)) ?? []) {
      if (await this.#sweepRecord(listed).catch(fail)) count++;
    }
    if (failures.length > 0) throw failures[0];
    return count;
  }

  /** Tries a last time to let go of locks that the disk has kept. It can be opened again. */
  override async close(): Promise<void> {
    // What is left even then is let go when the process ends.
    await this.#calls.run(() => this.#locks.close()).catch(() => {});
  }

  async #prepare(): Promise<void> {
    if (typeof this.#path !== 'string' || this.#path === '') throw noFolder();
    const { path } = this.#folder;
    const mode = await this.#bounded(() => this.#folder.prepare()).catch((error: unknown) => {
      throw unusableFolder(path, error);
    });
    if (mode & WRITABLE_BY_OTHERS) throw openFolder(path);
    const key = randomUUID();
    try {
      await this.create(key, '', 1);
      await this.destroy(key);
    } catch (error) {
      throw unusableFolder(path, error);
    }
  }

  /** Does `act` if what is there is `wanted`. */
  #change(
    key: string,
    wanted: (found: Found) => boolean,
    act: (name: string) => Promise<void>,
  ): Promise<boolean> {
    const name = SessionFolder.nameOf(key);
    const isWanted = async (): Promise<boolean> => wanted(await this.#load(name));
    return this.#bounded(async (call) => {
      if (!(await this.#locked(name, call, isWanted, () => act(name)))) return false;
      await this.#folder.makeDurable();
      return true;
    });
  }

  /** Whatever stands there goes. A crash of the machine may undo it until `makeDurable`. */
  #remove(name: string): Promise<void> {
    return this.#bounded(async (call) => {
      await this.#locked(
        name,
        call,
        async () => true,
        () => this.#folder.remove(name),
      );
    });
  }

  /**
   * Does `act` under the lock of the record, if that is wanted. Nobody waits for a lock only to find
   * that the record has changed.
   */
  async #locked(
    name: string,
    call: BoundedCall,
    isWanted: () => Promise<boolean>,
    act: () => Promise<void>,
  ): Promise<boolean> {
    let lock = await this.#locks.take(name);
    while (lock === undefined) {
      if (!(await isWanted())) return false;
      await delay(Math.random() * LONGEST_PAUSE, undefined, { signal: call.signal });
      lock = await this.#locks.take(name);
    }
    try {
      if (!(await isWanted())) return false;
      call.throwIfCancelled();
      await act();
      return true;
    } finally {
      await this.#locks.release(lock);
    }
  }

  async #sweepRecord({ name, temporary, lockLevels }: Listed): Promise<boolean> {
    const hasLeftovers = temporary.length > 0 || lockLevels > 0;
    if (!hasLeftovers && !isExpired(await this.#load(name))) return false;
    const lock = await this.#locks.take(name, lockLevels);
    if (lock === undefined) return false;
    try {
      // Only who has the lock has a temporary file, so these are nobody's.
      for (const file of temporary) await this.#folder.removeTemporary(file);
      if (!isExpired(await this.#load(name))) return false;
      await this.#folder.remove(name);
      return true;
    } finally {
      await this.#locks.release(lock);
    }
  }

  async #load(name: string, ttl?: number): Promise<Found> {
    const found = await this.#folder.load(name, ttl);
    if (found === DAMAGED) this.#warn();
    return found;
  }

  #warn(): void {
    const now = performance.now();
    if (now - this.#lastWarning < WARNING_INTERVAL) return;
    this.#lastWarning = now;
    new Logger(FileAdapter.name).warn(
      'A session file is damaged, was copied from another one, or is not of this library. It ' +
        'counts as no session and is left where it is.',
    );
  }

  #bounded<T>(work: (call: BoundedCall) => Promise<T>): Promise<T> {
    return this.#calls.run(work).catch((error: unknown) => {
      throw refused(error);
    });
  }
}

function isFree(found: Found): boolean {
  return found === undefined || isExpired(found);
}
