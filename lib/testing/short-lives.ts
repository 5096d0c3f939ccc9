import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionAdapter } from '../adapters/session-adapter.js';
import { assertCreates, assertUpdates, freshKey, LONG, readRecord } from './adapter-case.js';

/** The life of a record that is to end within its case, in seconds. */
export const SHORT = 1;

/** Milliseconds that a store may keep a record beyond its life, as memcached does. */
const LATEST_END = SHORT * 1000 + 2000;
/** Milliseconds for the answer to come, and for clocks that count in whole ones. */
const ANSWER_TIME = 1500;
const CLOCK_GRAIN = 2;
/** How often a machine may stall for the whole of a SHORT life. */
const ATTEMPTS = 5;

/**
 * What is done with a record while its SHORT life lasts. Where the machine has stalled for as long,
 * nothing that was found says anything: it is done again, under another key.
 */
export async function withinShortLife<T>(work: (key: string) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const begun = performance.now();
    try {
      return await work(freshKey());
    } catch (error) {
      const wasInTime = performance.now() - begun < SHORT * 1000 - CLOCK_GRAIN;
      if (wasInTime || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The key of a record with the data 'live', whose SHORT life a read has made a LONG one. */
export function extendedByRead(adapter: SessionAdapter): Promise<string> {
  return withinShortLife(async (key) => {
    await assertCreates(adapter, key, 'live', SHORT);
    const record = await adapter.read(key, LONG);
    assert.equal(record?.data, 'live', 'a read with a ttl does not find a record that was stored');
    return key;
  });
}

/** The same by an update. */
export function extendedByUpdate(adapter: SessionAdapter): Promise<string> {
  return withinShortLife(async (key) => {
    await assertCreates(adapter, key, 'first', SHORT);
    const { version } = await readRecord(adapter, key);
    await assertUpdates(adapter, key, 'live', LONG, version);
    return key;
  });
}

/** What `begin` gave a SHORT life is there until its end, and gone at most two seconds later. */
export async function assertEndsInTime(
  adapter: SessionAdapter,
  key: string,
  begin: () => Promise<unknown>,
): Promise<void> {
  const begun = performance.now();
  await begin();
  await assertIsGoneInTime(adapter, key, begun);
}

/** @param begun - when the SHORT life began, by `performance.now()` */
export async function assertIsGoneInTime(
  adapter: SessionAdapter,
  key: string,
  begun: number,
): Promise<void> {
  let asked = performance.now();
  while ((await adapter.read(key)) !== undefined) {
    assert.ok(asked - begun <= LATEST_END + ANSWER_TIME, 'an expired record is still found');
    await delay(20);
    asked = performance.now();
  }
  const elapsed = performance.now() - begun;
  assert.ok(elapsed > SHORT * 1000 - CLOCK_GRAIN, 'a record is gone before its time');
}

/** Until every SHORT life has ended, on stores that end it late, too; nobody has to look for that. */
export async function shortLivesAreOver(): Promise<void> {
  await delay(LATEST_END);
}
