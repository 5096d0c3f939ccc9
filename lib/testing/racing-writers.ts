import assert from 'node:assert/strict';
import type { SessionAdapter } from '../adapters/session-adapter.js';
import { assertData, LONG, readRecord } from './adapter-case.js';

const WRITERS = 8;
const INCREMENTS = 5;
const ALL = WRITERS * INCREMENTS;

/** What each of several writers gets; they write at once, by one of the adapters each. */
export function inParallel<T>(
  adapters: readonly SessionAdapter[],
  write: (adapter: SessionAdapter, writer: number) => Promise<T>,
): Promise<T[]> {
  const writers = Array.from({ length: WRITERS / adapters.length }, () => adapters).flat();
  return Promise.all(writers.map(write));
}

/** One of several writers gets the key, which has to be free, and its data is there. */
export async function assertOneCreateWins(
  adapters: readonly SessionAdapter[],
  key: string,
): Promise<void> {
  const answers = await inParallel(adapters, (adapter, n) => adapter.create(key, `${n}`, LONG));
  await assertOneWon(adapters, key, answers);
}

/** One of the writers that got these answers was accepted, and its number is there. */
export async function assertOneWon(
  adapters: readonly SessionAdapter[],
  key: string,
  answers: readonly boolean[],
): Promise<void> {
  const won = answers.filter(Boolean).length;
  assert.equal(won, 1, `one of ${WRITERS} writes at once has to be given true, and ${won} were`);
  for (const adapter of adapters) await assertData(adapter, key, `${answers.indexOf(true)}`);
}

/** Every writer counts up several times from the 0 that is stored; `meanwhile` runs with each. */
export async function assertNoUpdateIsLost(
  adapters: readonly SessionAdapter[],
  key: string,
  meanwhile: (adapter: SessionAdapter) => Promise<unknown> = async () => {},
): Promise<void> {
  await inParallel(adapters, async (adapter) => {
    for (let done = 0; done < INCREMENTS; done++) {
      await Promise.all([increment(adapter, key), meanwhile(adapter)]);
    }
  });
  for (const adapter of adapters) {
    const { data } = await readRecord(adapter, key);
    assert.equal(data, `${ALL}`, `of ${ALL} updates that were given true, ${data} are there`);
  }
}

async function increment(adapter: SessionAdapter, key: string): Promise<void> {
  // Who is refused has been overtaken by another write, and there are only so many.
  for (let tries = 0; tries < ALL; tries++) {
    const { data, version } = await readRecord(adapter, key);
    if (await adapter.update(key, `${Number(data) + 1}`, LONG, version)) return;
  }
  assert.fail('the newest version is refused again and again');
}
