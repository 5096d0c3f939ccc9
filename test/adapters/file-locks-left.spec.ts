import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { FileAdapter } from '../../lib/adapters/file.adapter.js';
import type { RecordLock, RecordLocks } from '../../lib/adapters/file/record-locks.js';

const KEY = 'sess:key';
const RECORD = 'record';
/** Milliseconds after which it is tried again. */
const AGAIN = 200;

/** Tells each try to remove a link, well or not. */
const disk = new EventEmitter();
const REFUSAL = { code: 'EROFS', syscall: 'unlink' };
let isReadOnly = false;

jest.unstable_mockModule('node:fs/promises', () => ({
  ...fs,
  unlink: async (path: string): Promise<void> => {
    try {
      if (isReadOnly) throw Object.assign(new Error('EROFS: unlink'), REFUSAL);
      await fs.unlink(path);
    } finally {
      disk.emit('unlink', basename(path));
    }
  },
}));

let parent: string;

beforeEach(async () => {
  isReadOnly = false;
  parent = await fs.mkdtemp(join(tmpdir(), 'file-locks-'));
});
afterEach(async () => {
  disk.removeAllListeners();
  jest.useRealTimers();
  await fs.rm(parent, { recursive: true });
});

describe('FileAdapter, where the disk is read-only between a lock and its release', () => {
  let adapter: FileAdapter;
  let folder: string;

  beforeEach(async () => {
    folder = join(parent, 'sessions');
    adapter = await newAdapter();
  });

  it('acknowledges what it has written, and others can write once the disk can', async () => {
    await adapter.create(KEY, 'first', 60);
    const other = await newAdapter();
    isReadOnly = true;
    expect(await adapter.update(KEY, 'second', 60, await versionOf(KEY))).toBe(true);
    isReadOnly = false;
    expect(await other.update(KEY, 'third', 60, await versionOf(KEY))).toBe(true);
    expect(await adapter.update(KEY, 'fourth', 60, await versionOf(KEY))).toBe(true);
    expect((await other.read(KEY))?.data).toBe('fourth');
    expect(await linksIn(folder)).toEqual([]);
  });

  it('lets go as it is closed, and what the disk refuses even then is no error', async () => {
    isReadOnly = true;
    await adapter.create(KEY, 'data', 60);
    expect(await linksIn(folder)).toHaveLength(1);
    await adapter.close();
    isReadOnly = false;
    expect(await linksIn(folder)).toHaveLength(1);
    await adapter.close();
    expect(await linksIn(folder)).toEqual([]);
  });

  it('lets go as before when it is opened again', async () => {
    await adapter.create(KEY, 'first', 60);
    await adapter.close();
    await adapter.open();
    const other = await newAdapter();
    isReadOnly = true;
    expect(await adapter.update(KEY, 'second', 60, await versionOf(KEY))).toBe(true);
    isReadOnly = false;
    expect(await other.update(KEY, 'third', 60, await versionOf(KEY))).toBe(true);
    expect(await linksIn(folder)).toEqual([]);
  });

  async function newAdapter(): Promise<FileAdapter> {
    const { FileAdapter: Adapter } = await import('../../lib/adapters/file.adapter.js');
    const made = new Adapter({ path: folder, storeTimeout: 10_000 });
    await made.open();
    return made;
  }

  async function versionOf(key: string): Promise<string | number> {
    return (await adapter.read(key))?.version ?? '';
  }
});

describe('RecordLocks, of links that the disk did not let go', () => {
  let locks: RecordLocks;

  beforeEach(async () => {
    const { RecordLocks: Locks } = await import('../../lib/adapters/file/record-locks.js');
    locks = new Locks((record, level) => join(parent, `${record}.${level}`));
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
  });

  it('removes them in their order as soon as it can, and has no timer before and after', async () => {
    await leaveByDead();
    const tried = triedLinks();
    await takeAndRelease();
    expect(jest.getTimerCount()).toBe(0);

    await leaveByDead();
    isReadOnly = true;
    await takeAndRelease();
    await tryAgain(`${RECORD}.0`);
    isReadOnly = false;
    expect(await linksIn(parent)).toEqual([`${RECORD}.0`, `${RECORD}.1`]);
    tried.length = 0;
    await tryAgain(`${RECORD}.1`);
    expect(tried).toEqual([`${RECORD}.0`, `${RECORD}.1`]);
    expect(await linksIn(parent)).toEqual([]);
    await locks.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has the lock until then', async () => {
    isReadOnly = true;
    await takeAndRelease();
    isReadOnly = false;
    expect(await locks.take(RECORD)).toBeUndefined();
    await tryAgain(`${RECORD}.0`);
    await locks.close();
    expect(await locks.take(RECORD)).toBeDefined();
  });

  it('removes those of a lock that it did not get, too', async () => {
    const upper = join(parent, `${RECORD}.1`);
    await take();
    await fs.rename(join(parent, `${RECORD}.0`), upper);
    isReadOnly = true;
    expect(await locks.take(RECORD, 2)).toBeUndefined();
    expect(await linksIn(parent)).toEqual([`${RECORD}.0`, `${RECORD}.1`]);
    isReadOnly = false;
    await tryAgain(`${RECORD}.0`);
    await locks.close();
    expect(await linksIn(parent)).toEqual([`${RECORD}.1`]);
  });

  it('leaves the link of another one that stands in the place of its own', async () => {
    isReadOnly = true;
    await takeAndRelease();
    isReadOnly = false;
    await fs.unlink(join(parent, `${RECORD}.0`));
    await fs.symlink('somebody else', join(parent, `${RECORD}.0`));
    await locks.close();
    expect(await linksIn(parent)).toEqual([`${RECORD}.0`]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps no process alive, and no timer once it is closed', async () => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    isReadOnly = true;
    await takeAndRelease();
    const timers = timer.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    expect(timers).toEqual([false]);
    await locks.close();
    await takeAndRelease('other');
    expect(jest.getTimerCount()).toBe(0);
  });

  async function take(record = RECORD): Promise<RecordLock> {
    const lock = await locks.take(record);
    if (lock === undefined) throw new Error('The lock is taken.');
    return lock;
  }

  async function takeAndRelease(record = RECORD): Promise<void> {
    await locks.release(await take(record));
  }

  /** Lets it be tried again; resolves when that link was tried. */
  async function tryAgain(last: string): Promise<void> {
    const over = new Promise<void>((resolve) => {
      disk.on('unlink', (name) => name === last && resolve());
    });
    jest.advanceTimersByTime(AGAIN);
    await over;
  }

  /** As of a process that had the pid of this one before. */
  async function leaveByDead(): Promise<void> {
    const { markOfThisProcess } = await import('../../lib/adapters/file/process-mark.js');
    const { place, pid } = await markOfThisProcess();
    await fs.symlink(`${place}:${pid}:1`, join(parent, `${RECORD}.0`));
  }
});

/** The names of links as they are tried to be removed. */
function triedLinks(): string[] {
  const tried: string[] = [];
  disk.on('unlink', (name: string) => tried.push(name));
  return tried;
}

async function linksIn(folder: string): Promise<string[]> {
  const files = await fs.readdir(folder, { withFileTypes: true });
  return files
    .filter((file) => file.isSymbolicLink())
    .map(({ name }) => name)
    .toSorted();
}
