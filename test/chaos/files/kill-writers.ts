import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FileAdapter } from '../../../lib/adapters/file.adapter.js';
import { libWithoutNest } from '../../support/lib-without-nest.js';
import { Random } from '../random.js';
import { WrittenRecords } from './written-records.js';

const WRITER = fileURLToPath(new URL('./writer.mjs', import.meta.url));
/** Who write at once, each to records of its own, so that it is known what must be there. */
const WRITERS = 2;
const RECORDS = 6;
/** Writes that a writer may do before it is killed in the next one. */
const WRITES = 10;
/** Milliseconds at most from the beginning of a write to the kill: about what a write takes. */
const AIM = 4;

/** What is left of many writers, each of which was killed. */
export interface KillReport {
  readonly kills: number;
  /** How many of them hit a write: as many as were asked for. */
  readonly midWrite: number;
  readonly writes: number;
  /** What was neither the last record that was acknowledged nor the one that was being written. */
  readonly wrong: readonly string[];
  /** Files that are no live record, after a sweep. */
  readonly orphans: readonly string[];
  /** Live records without a file, or files too many, after a sweep. */
  readonly records: { readonly expected: number; readonly found: number };
}

/** Kills that many processes in the middle of a write to one folder, and looks at it after each. */
export async function killWriters(midWrite: number, seed: number): Promise<KillReport> {
  const temporary = await mkdtemp(join(tmpdir(), 'kills-'));
  try {
    const lib = await libWithoutNest(temporary);
    const folder = join(temporary, 'sessions');
    const adapter = new FileAdapter({ path: folder });
    await adapter.open();
    const random = new Random(seed);
    const works = Array.from({ length: WRITERS }, async (_, index) => {
      const names = Array.from({ length: RECORDS }, (_unused, record) => `sess:${index}-${record}`);
      const records = new WrittenRecords(names, adapter);
      const share = Math.floor(midWrite / WRITERS) + (index < midWrite % WRITERS ? 1 : 0);
      // A kill that hits no write does no harm either, but does not count.
      while (records.midWrite < share) {
        await writeAndDie(lib, folder, records, random.of(`${index}-${records.kills}`));
        await records.check();
      }
      return records;
    });
    const written = await Promise.all(works);
    await adapter.sweep();
    const files = await readdir(folder);
    const isRecord = (file: string): boolean => file.endsWith('.session');
    return {
      kills: sum(written.map(({ kills }) => kills)),
      midWrite: sum(written.map((records) => records.midWrite)),
      writes: sum(written.map(({ writes }) => writes)),
      wrong: written.flatMap(({ wrong }) => wrong),
      orphans: files.filter((file) => !isRecord(file)),
      records: {
        expected: sum(written.map(({ live }) => live)),
        found: files.filter(isRecord).length,
      },
    };
  } finally {
    await rm(temporary, { recursive: true });
  }
}

async function writeAndDie(
  lib: string,
  folder: string,
  records: WrittenRecords,
  random: Random,
): Promise<void> {
  const args = [WRITER, lib, folder, records.names.join(','), String(records.nextNumber)];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(writer, 'close');
  const endedByItself = ended.then(() =>
    Promise.reject(new Error('A writer has ended by itself.')),
  );
  await Promise.race([hear(writer, records, random.whole(1, WRITES)), endedByItself]);
  await delay(random.next() * AIM);
  writer.kill('SIGKILL');
  // What it has said before it died is heard by then.
  await ended;
}

/** Resolves when the writer has begun so many writes; goes on hearing what it says. */
function hear({ stdout }: ChildProcess, records: WrittenRecords, writes: number): Promise<void> {
  return new Promise((begun) => {
    let rest = '';
    let left = writes;
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        records.hear(line);
        if (line !== 'done' && --left === 0) begun();
      }
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
