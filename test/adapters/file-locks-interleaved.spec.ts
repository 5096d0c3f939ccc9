import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordLock, RecordLocks } from '../../lib/adapters/file/record-locks.js';

const RECORD = 'record';
const ROUNDS = 60;
const TAKERS = 6;

/** Each operation comes a random while late, so that the steps of the takers mix in many ways. */
function late<A extends unknown[], T>(operation: (...args: A) => Promise<T>) {
  return async (...args: A): Promise<T> => {
    for (let turns = Math.floor(Math.random() ** 3 * 30); turns > 0; turns--) await nextTurn();
    return operation(...args);
  };
}

jest.unstable_mockModule('node:fs/promises', () => ({
  ...fs,
  readlink: late(fs.readlink as (path: string) => Promise<string>),
  symlink: late(fs.symlink),
  unlink: late(fs.unlink),
}));

describe('RecordLocks, step by step mixed', () => {
  let folder: string;
  let locks: RecordLocks;
  let dead: string;

  beforeEach(async () => {
    const { RecordLocks: Locks } = await import('../../lib/adapters/file/record-locks.js');
    const { markOfThisProcess } = await import('../../lib/adapters/file/process-mark.js');
    folder = await fs.mkdtemp(join(tmpdir(), 'file-locks-'));
    locks = new Locks((record, level) => join(folder, `${record}.${level}`));
    const gone = spawn('true');
    await once(gone, 'exit');
    const { place } = await markOfThisProcess();
    dead = `${place}:${gone.pid}:1`;
  });
  afterEach(() => fs.rm(folder, { recursive: true }));

  it.each([0, 1, 2])(
    'gives the lock to one at a time, over %p links of the dead',
    async (levels) => {
      let atWork = 0;
      const together: number[] = [];
      const takeTurn = async (): Promise<void> => {
        const lock = await takeAtLast();
        together.push(++atWork);
        await nextTurn();
        atWork--;
        await locks.release(lock);
      };
      for (let round = 0; round < ROUNDS; round++) {
        for (let level = 0; level < levels; level++) {
          await fs.symlink(`${dead}:${round}`, join(folder, `${RECORD}.${level}`));
        }
        await Promise.all(Array.from({ length: TAKERS }, takeTurn));
        expect(await fs.readdir(folder)).toEqual([]);
      }
      expect(together).toEqual(Array.from({ length: ROUNDS * TAKERS }, () => 1));
    },
    20_000,
  );

  async function takeAtLast(): Promise<RecordLock> {
    for (;;) {
      const lock = await locks.take(RECORD);
      if (lock) return lock;
    }
  }
});
