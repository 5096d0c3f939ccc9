import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { SessionFolder } from '../../lib/adapters/file/session-folder.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { startStopwatch } from '../support/stopwatch.js';
import { libWithoutNest } from '../support/lib-without-nest.js';
import { pollUntil } from '../support/poll.js';

const WRITER = fileURLToPath(new URL('./fixtures/file-writer.mjs', import.meta.url));

/** Milliseconds: what follows on a killed process waits for nothing. */
const AT_ONCE = 1000;

interface Job {
  readonly call: 'create' | 'update' | 'destroy' | 'increment';
  readonly key: string;
  readonly version?: string | number | undefined;
  readonly times?: number;
  readonly signal?: { readonly name: 'SIGKILL' | 'SIGSTOP'; readonly after: number | string };
}

let temporary: string;
let lib: string;
let folder: string;
let adapter: FileAdapter;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'file-processes-'));
  lib = await libWithoutNest(temporary);
  folder = join(temporary, 'sessions');
  adapter = new FileAdapter({ path: folder });
  await adapter.open();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(temporary, { recursive: true });
});

describe('FileAdapter between processes', () => {
  it('R11 loses no update of two processes', async () => {
    const key = 'sess:counter';
    await adapter.create(key, '0', 60);
    const job: Job = { call: 'increment', key, times: 100 };
    expect(await Promise.all([outcomeOf(job), outcomeOf(job)])).toEqual([0, 0]);
    expect((await adapter.read(key))?.data).toBe('200');
  }, 30_000);

  it('R23 R25 does not wait longer than storeTimeout for a stopped process, and reads meanwhile', async () => {
    const key = 'sess:stopped';
    await adapter.create(key, 'old', 60);
    const { version = '' } = (await adapter.read(key)) ?? {};
    const signal = { name: 'SIGSTOP', after: 'symlink' } as const;
    const child = start({ call: 'update', key, version, signal });
    const ended = once(child, 'exit');
    const link = lockLinkOf(key);
    await pollUntil(() => readlink(link), { within: 10_000, what: 'the lock of the child' });

    const impatient = new FileAdapter({ path: folder, storeTimeout: 100 });
    await expect(impatient.update(key, 'other', 60, version)).rejects.toThrow(
      SessionStoreUnavailableException,
    );
    expect((await impatient.read(key))?.data).toBe('old');
    expect(await adapter.sweep()).toBe(0);

    child.kill('SIGCONT');
    expect(await ended).toEqual([0, null]);
    expect((await adapter.read(key))?.data).toBe('new');
  }, 20_000);
});

describe('FileAdapter after a process was killed', () => {
  let deadOwner: string;

  beforeAll(async () => {
    const signal = { name: 'SIGKILL', after: 'symlink' } as const;
    await outcomeOf({ call: 'create', key: 'sess:first', signal });
    deadOwner = await readlink(lockLinkOf('sess:first'));
  }, 20_000);

  const cases = [
    { call: 'create', before: undefined, after: [undefined, 'new'], lockLeft: false },
    { call: 'update', before: 'old', after: ['old', 'new'], lockLeft: false },
    { call: 'destroy', before: 'old', after: ['old', undefined], lockLeft: false },
    { call: 'update', before: 'old', after: ['old', 'new'], lockLeft: true },
  ] as const;

  it.each(cases)(
    'R24 has the old record or the new one, and goes on at once: $call, lock left before: $lockLeft',
    async ({ call, before, after, lockLeft }) => {
      const seen = new Set<string | undefined>();
      let step = 0;
      for (let outcome: unknown = 'SIGKILL'; outcome === 'SIGKILL';) {
        step++;
        const key = `sess:${call}:${lockLeft}:${step}`;
        if (before !== undefined) await adapter.create(key, before, 60);
        const version = (await adapter.read(key))?.version;
        if (lockLeft) await symlink(deadOwner, lockLinkOf(key));
        const signal = { name: 'SIGKILL', after: step } as const;
        outcome = await outcomeOf({ call, key, version, signal });

        const time = startStopwatch();
        seen.add(await goOnWith(key));
        expect(time()).toBeLessThan(AT_ONCE);
      }
      expect(step).toBeGreaterThan(5);
      expect(seen).toEqual(new Set(after));
    },
    60_000,
  );

  it('R24 sweeps what they left, and nothing that lives', async () => {
    await adapter.create('sess:live', 'live', 60);
    await adapter.sweep();
    const files = await readdir(folder);
    expect(files.filter((file) => !file.endsWith('.session'))).toEqual([]);
    expect((await adapter.read('sess:live'))?.data).toBe('live');
  });
});

/** Reads, and writes whatever the state; gives what was read. */
async function goOnWith(key: string): Promise<string | undefined> {
  const record = await adapter.read(key);
  const written = record
    ? await adapter.update(key, 'next', 60, record.version)
    : await adapter.create(key, 'next', 60);
  expect(written).toBe(true);
  expect((await adapter.read(key))?.data).toBe('next');
  return record?.data;
}

function lockLinkOf(key: string): string {
  return join(folder, `${SessionFolder.nameOf(key)}.0.lock`);
}

/** The signal that ended the process, or its exit code. */
async function outcomeOf(job: Job): Promise<unknown> {
  const [code, signal] = (await once(start(job), 'exit')) as [number | null, string | null];
  return signal ?? code;
}

function start(job: Job): ChildProcess {
  const child = spawn(process.execPath, [WRITER, lib, folder, JSON.stringify(job)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}
