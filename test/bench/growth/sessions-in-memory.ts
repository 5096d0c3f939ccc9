import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { SessionLife } from '../../../lib/store/session-life.js';
import type { SessionStore } from '../../../lib/store/session-store.js';
import { percentile } from '../statistics.js';
import type { Curve } from './curve.js';
import { fitLine, type Point } from './fit.js';
import { storeOver } from './store-over.js';

const COUNTS = [1, 1_000, 10_000, 100_000, 300_000, 1_000_000];
/** Sessions made in one turn of the event loop: some turns are to be without any garbage collection. */
const BATCH = 20;

/** What sessions take in memory, by their number, and how long the process stops for them. */
export async function sessionsInMemoryCurve(): Promise<Curve> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const adapter = new MemoryAdapter({ maxSessions: 1_000_000 });
  const store = storeOver(adapter);
  collectGarbage();
  const { heapUsed: empty } = process.memoryUsage();
  const points: Point[] = [];
  const arrivals: number[] = [];
  let made = 0;
  for (const count of COUNTS) {
    const from = made;
    made = count;
    arrivals.push(...(await pauses(() => fill(store, from, count))));
    collectGarbage();
    points.push([count, (process.memoryUsage().heapUsed - empty) / 1e6]);
  }
  const sweep = await pauses(() => adapter.sweep());
  const fit = fitLine(points.slice(1));
  return {
    name: 'sessions-in-memory',
    x: 'sessions in memory',
    y: 'MB of heap',
    points,
    fit,
    formula: `${(fit.slope * 1e6).toFixed(0)} bytes · sessions`,
    remarks: [
      `While they came, as fast as they can without HTTP, ${percentile(arrivals, 0.999).toFixed(1)} ms was what ` +
        '999 of 1,000 turns of the event loop stayed below; the longest took ' +
        `${percentile(arrivals, 1).toFixed(1)} ms, garbage collection included.`,
      `Sweeping through a million of them stopped the process for ${percentile(sweep, 1).toFixed(1)} ` +
        'ms at a time.',
    ],
  };
}

async function fill(store: SessionStore, from: number, to: number): Promise<void> {
  for (let made = from; made < to; made++) {
    const life = new SessionLife(store, '');
    life.values.set({ name: 'user' }, { name: 'Kimbra', role: `reader ${made}` });
    await life.commit();
    if (made % BATCH === 0) await nextTurn();
  }
}

/** The milliseconds of each turn of the event loop while `work` goes on. */
async function pauses(work: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  let last = performance.now();
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await nextTurn();
      const now = performance.now();
      found.push(now - last);
      last = now;
    }
  };
  const watching = watch();
  await work();
  over.abort();
  await watching;
  return found;
}
