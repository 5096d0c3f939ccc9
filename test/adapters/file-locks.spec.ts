import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lutimes, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  livenessOf,
  markOfThisProcess,
  type ProcessMark,
  stateIn,
} from '../../lib/adapters/file/process-mark.js';
import { RecordLocks, type RecordLock } from '../../lib/adapters/file/record-locks.js';
import { pollUntil } from '../support/poll.js';

const RECORD = 'record';

let self: ProcessMark;
let dead: ProcessMark;
let shell: ChildProcess;
let zombie: ProcessMark;

beforeAll(async () => {
  self = await markOfThisProcess();
  const gone = spawn('true');
  dead = { ...self, pid: gone.pid ?? 0 };
  await once(gone, 'exit');
  ({ shell, zombie } = await makeZombie(self));
});
afterAll(() => {
  shell.kill('SIGKILL');
});

describe('livenessOf', () => {
  it('knows the living, the dead, and those that cannot be looked at', async () => {
    const states = await Promise.all([
      livenessOf(self, self),
      livenessOf({ ...self, began: '1' }, self),
      livenessOf(dead, self),
      livenessOf(zombie, self),
      livenessOf({ ...dead, place: 'elsewhere' }, self),
    ]);
    expect(states).toEqual(['alive', 'dead', 'dead', 'dead', 'elsewhere']);
  });

  it('takes none for dead that is still in a call to the disk', async () => {
    const line = await readFile('/proc/self/stat', 'utf8');
    const killed = line.replace(/\) [A-Z] /, ') Z ');
    const fields = killed.slice(killed.lastIndexOf(')')).split(' ');
    const withThreads = (count: number): string =>
      killed.replace(fields.join(' '), fields.with(18, String(count)).join(' '));
    expect(stateIn(line)).toEqual({ began: self.began, ended: false });
    expect(stateIn(withThreads(2))).toEqual({ began: self.began, ended: false });
    expect(stateIn(withThreads(1))).toEqual({ began: self.began, ended: true });
  });

  it('is not deceived by a pid that another process has now', async () => {
    const { pid = 0 } = shell;
    expect(await livenessOf({ ...self, pid, began: '1' }, self)).toBe('dead');
  });

  it('takes none for dead that could not look at itself', async () => {
    const pid = shell.pid ?? 0;
    expect(await livenessOf({ ...self, pid, began: '' }, self)).toBe('alive');
    expect(await livenessOf({ ...dead, began: '' }, self)).toBe('dead');
  });
});

describe('RecordLocks', () => {
  let folder: string;
  let locks: RecordLocks;
  const linkPath = (record: string, level: number): string => join(folder, `${record}.${level}`);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-locks-'));
    locks = new RecordLocks(linkPath);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives a lock once, and again after it was released', async () => {
    const lock = await locks.take(RECORD);
    expect(await locks.take(RECORD)).toBeUndefined();
    expect(await locks.take('other')).toBeDefined();
    if (lock) await locks.release(lock);
    expect(await locks.take(RECORD)).toBeDefined();
  });

  it.each([0, 1, 2])(
    'gives it to one of many at a time, over %p links of the dead',
    async (levels) => {
      let atWork = 0;
      const most: number[] = [];
      const takeTurn = async (): Promise<void> => {
        const lock = await takeAtLast();
        most.push(++atWork);
        await readdir(folder);
        atWork--;
        await locks.release(lock);
      };
      for (let round = 0; round < 20; round++) {
        for (let level = 0; level < levels; level++) await leave(dead, level);
        await Promise.all(Array.from({ length: 6 }, takeTurn));
        expect(await readdir(folder)).toEqual([]);
      }
      expect(most).toEqual(Array.from({ length: 120 }, () => 1));
    },
  );

  it('waits ten seconds for one that cannot be looked at', async () => {
    await leave({ ...dead, place: 'elsewhere' }, 0);
    expect(await locks.take(RECORD)).toBeUndefined();
    const then = Date.now() / 1000 - 11;
    await lutimes(linkPath(RECORD, 0), then, then);
    expect(await locks.take(RECORD)).toBeDefined();
  });

  it('takes the links along that stayed above', async () => {
    await leave(dead, 1);
    const lock = await locks.take(RECORD, 2);
    expect(await readdir(folder)).toEqual([0, 1, 2].map((level) => `${RECORD}.${level}`));
    if (lock) await locks.release(lock);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing of its own when a link above is held by the living', async () => {
    await leave(self, 1);
    expect(await locks.take(RECORD, 2)).toBeUndefined();
    expect(await readdir(folder)).toEqual([`${RECORD}.1`]);
  });

  async function takeAtLast(): Promise<RecordLock> {
    for (;;) {
      const lock = await locks.take(RECORD);
      if (lock) return lock;
    }
  }

  function leave({ place, pid, began }: ProcessMark, level: number): Promise<void> {
    return symlink(`${place}:${pid}:${began}:${level}`, linkPath(RECORD, level));
  }
});

/** A process that has ended, and one that will never ask how. */
async function makeZombie(
  mark: ProcessMark,
): Promise<{ shell: ChildProcess; zombie: ProcessMark }> {
  const script = 'cat <&3 >&2 & echo $!; exec sleep 60';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  const [, , , toCat] = parent.stdio;
  if (!parent.stdout || !(toCat instanceof Writable)) throw new Error('The pipes are missing.');
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());

  const waiting = { within: 5000, what: 'a zombie' };
  await pollUntil(async () => (await statOf(parent.pid)).name === 'sleep', waiting);
  toCat.end();
  await pollUntil(async () => (await statOf(pid)).state === 'Z', waiting);
  return { shell: parent, zombie: { ...mark, pid, began: (await statOf(pid)).began } };
}

async function statOf(
  pid: number | undefined,
): Promise<Record<'name' | 'state' | 'began', string>> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(stat) ?? [];
  const fields = rest.split(' ');
  return { name, state: fields[0] ?? '', began: fields[19] ?? '' };
}
