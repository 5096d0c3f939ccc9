import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { SessionLife } from '../../../lib/store/session-life.js';
import type { SessionStore } from '../../../lib/store/session-store.js';
import { median } from '../statistics.js';
import type { Curve } from './curve.js';
import { fitLine, type Point } from './fit.js';
import { storeOver } from './store-over.js';

const SIZES = [1, 3, 10, 30, 100, 300, 1000];
const ROUNDS = 15;
const REPEATED = 40;
/** Code that is not compiled yet would count for the first sizes. */
const WARM_UP = 20_000;
const WARM_UP_SIZE = 10;

/** What opening a session, writing one of its variables and committing costs, by its keys. */
export async function sessionSizeCurve(): Promise<Curve> {
  const store = storeOver(new MemoryAdapter());
  await writeAgain(store, await seeded(store, WARM_UP_SIZE), WARM_UP);
  const points: Point[] = [];
  for (const size of SIZES) {
    const id = await seeded(store, size);
    await writeAgain(store, id, 5 * REPEATED);
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      await writeAgain(store, id, REPEATED);
      const { user, system } = process.cpuUsage(before);
      rounds.push((user + system) / REPEATED);
    }
    points.push([size, median(rounds)]);
  }
  const fit = fitLine(points);
  return {
    name: 'session-size',
    x: 'keys in the session',
    y: 'µs of processor time to read it and write one key',
    points,
    fit,
    formula: `${fit.base.toFixed(0)} µs + ${fit.slope.toFixed(2)} µs · keys`,
    remarks: ['Each key holds a string of 20 characters. No HTTP, memory store.'],
  };
}

async function seeded(store: SessionStore, size: number): Promise<string> {
  const life = new SessionLife(store, '');
  for (let key = 0; key < size; key++) life.values.set({ name: `key${key}` }, 'v'.repeat(20));
  await life.commit();
  return life.id;
}

async function writeAgain(store: SessionStore, id: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const life = new SessionLife(store, '');
    await life.open(id);
    life.values.set({ name: 'key0' }, `written ${time}`);
    await life.commit();
  }
}
