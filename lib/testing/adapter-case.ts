import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionAdapter, StoredRecord } from '../adapters/session-adapter.js';

/**
 * What an adapter is documented not to do. The suite then asserts the opposite, or what is left:
 *
 * - `forgets`: it accepts records and keeps none.
 * - `no-compare-and-swap`: its store cannot compare versions, so the later of two writes stays.
 * - `one-process`: two adapters on one store do not see to each other; one alone keeps the contract.
 *
 * @publicApi
 */
export type SessionAdapterLimit = 'forgets' | 'no-compare-and-swap' | 'one-process';

/**
 * `key` is fresh, so that cases can run on a server that others use too. `createAnother` gives a
 * second adapter, opened, which is closed after the case.
 */
export type CaseBody = (
  adapter: SessionAdapter,
  key: string,
  createAnother: () => Promise<SessionAdapter>,
) => Promise<void>;

export interface AdapterCase {
  readonly title: string;
  readonly body: CaseBody;
  /** What holds in its place under a limit. */
  readonly under?: Readonly<Partial<Record<SessionAdapterLimit, CaseBody>>>;
}

/** The life of a record that is to outlive its case, in seconds. */
export const LONG = 60;
/** The life of a record that is to end within its case, in seconds. */
export const SHORT = 1;

/** Milliseconds that a store may keep a record beyond its life, as memcached does. */
const LATEST_END = SHORT * 1000 + 2000;
/** Milliseconds for the answer to come, and for clocks that count in whole ones. */
const ANSWER_TIME = 1500;
const CLOCK_GRAIN = 2;
/** How often a machine may stall for the whole of a SHORT life. */
const ATTEMPTS = 5;

/** Shaped like the key of a session. */
export function freshKey(): string {
  return `sess:${randomBytes(32).toString('base64url')}`;
}

/** The record under `key`, which has to be there. */
export async function readRecord(adapter: SessionAdapter, key: string): Promise<StoredRecord> {
  const record = await adapter.read(key);
  assert.ok(record, 'a record that was stored is not found');
  return record;
}

export async function assertData(
  adapter: SessionAdapter,
  key: string,
  expected: string,
): Promise<void> {
  assert.equal((await readRecord(adapter, key)).data, expected);
}

export async function assertAbsent(adapter: SessionAdapter, key: string): Promise<void> {
  assert.equal(await adapter.read(key), undefined);
}

/** Stores a record where none may be, and gives it as the store has it. */
export async function stored(
  adapter: SessionAdapter,
  key: string,
  data: string,
): Promise<StoredRecord> {
  assert.equal(await adapter.create(key, data, LONG), true);
  return readRecord(adapter, key);
}

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
  for (let isFound = true; isFound;) {
    const asked = performance.now();
    isFound = (await adapter.read(key)) !== undefined;
    const isLate = asked - begun > LATEST_END + ANSWER_TIME;
    assert.ok(!(isFound && isLate), 'an expired record is still found');
    if (isFound) await delay(20);
  }
  const elapsed = performance.now() - begun;
  assert.ok(elapsed > SHORT * 1000 - CLOCK_GRAIN, 'a record is gone before its time');
}

/** Until every SHORT life has ended, on stores that end it late, too; nobody has to look for that. */
export async function shortLivesAreOver(): Promise<void> {
  await delay(LATEST_END);
}

/** For cases about what is kept: an adapter that forgets accepts all and has nothing. */
export const forgetsAll: CaseBody = async (adapter, key) => {
  assert.equal(await adapter.create(key, 'first', LONG), true);
  assert.equal(await adapter.read(key, LONG), undefined);
  assert.equal(await adapter.update(key, 'second', LONG, 1), true);
  assert.equal(await adapter.create(key, 'third', LONG), true);
  assert.equal(await adapter.read(key), undefined);
  await adapter.destroy(key);
};
