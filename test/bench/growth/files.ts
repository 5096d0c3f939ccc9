import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileAdapter } from 'nestjs-session-bag/adapters/file';
import { median } from '../statistics.js';
import type { Curve } from './curve.js';
import { fitLine, type Point } from './fit.js';

const COUNTS = [10, 30, 100, 300, 1_000, 3_000, 10_000];
const ROUNDS = 15;
const READS = 20;
const IN_PARALLEL = 16;
const TTL = 3600;
const RECORD = 'r'.repeat(300);

/** What reading one session costs, by the session files in the folder. */
export async function filesCurve(): Promise<Curve> {
  const path = await mkdtemp(join(tmpdir(), 'growth-'));
  try {
    const adapter = new FileAdapter({ path: join(path, 'sessions') });
    await adapter.open();
    const points: Point[] = [];
    let made = 0;
    for (const count of COUNTS) {
      made = await fill(adapter, made, count);
      points.push([count, await costOfRead(adapter, count)]);
    }
    const start = performance.now();
    await adapter.sweep();
    const sweep = performance.now() - start;
    const fit = fitLine(points);
    return {
      name: 'files',
      x: 'session files in the folder',
      y: 'µs of processor time to read one',
      points,
      fit,
      formula: `${fit.base.toFixed(0)} µs + ${(fit.slope * 1000).toFixed(2)} µs · thousands of files`,
      remarks: [`Sweeping through 10,000 files took ${(sweep / 1000).toFixed(1)} s, file by file.`],
    };
  } finally {
    await rm(path, { recursive: true });
  }
}

async function fill(adapter: FileAdapter, from: number, to: number): Promise<number> {
  for (let made = from; made < to; made += IN_PARALLEL) {
    const keys = Array.from({ length: Math.min(IN_PARALLEL, to - made) }, (_, n) =>
      keyOf(made + n),
    );
    await Promise.all(keys.map((key) => adapter.create(key, RECORD, TTL)));
  }
  return to;
}

async function costOfRead(adapter: FileAdapter, count: number): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let read = 0; read < READS; read++) {
      const found = await adapter.read(keyOf(Math.floor(Math.random() * count)), TTL);
      if (!found) throw new Error('A session file that was written is not there.');
    }
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / READS);
  }
  return median(rounds);
}

function keyOf(index: number): string {
  return `sess:${index}`;
}
