import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { RecordVersion, SessionAdapter, StoredRecord } from '../adapters/session-adapter.js';

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
  const { data } = await readRecord(adapter, key);
  assert.equal(data, expected, `the data has to be ${inspect(expected)}, and is ${inspect(data)}`);
}

export async function assertAbsent(
  adapter: SessionAdapter,
  key: string,
  ttl?: number,
): Promise<void> {
  const record = await adapter.read(key, ttl);
  assert.equal(record, undefined, `read has to give undefined here, and gave ${inspect(record)}`);
}

/** Creates a record where none is. */
export async function assertCreates(
  adapter: SessionAdapter,
  key: string,
  data: string,
  ttl: number,
): Promise<void> {
  const answer = await adapter.create(key, data, ttl);
  assert.equal(answer, true, `create has to give true for a free key, and gave ${inspect(answer)}`);
}

/** Updates a record by its newest version. */
export async function assertUpdates(
  adapter: SessionAdapter,
  key: string,
  data: string,
  ttl: number,
  version: RecordVersion,
): Promise<void> {
  const answer = await adapter.update(key, data, ttl, version);
  assert.equal(
    answer,
    true,
    `update has to give true for the newest version, and gave ${inspect(answer)}`,
  );
}

/** Tries an update by a version that is not the newest, or of a record that is gone. */
export async function assertRefuses(
  adapter: SessionAdapter,
  key: string,
  data: string,
  version: RecordVersion,
): Promise<void> {
  const answer = await adapter.update(key, data, LONG, version);
  assert.equal(
    answer,
    false,
    'update has to give false for another version than the newest, and for a record that is gone; ' +
      `it gave ${inspect(answer)}`,
  );
}

/** Stores a record where none may be, and gives it as the store has it. */
export async function stored(
  adapter: SessionAdapter,
  key: string,
  data: string,
): Promise<StoredRecord> {
  await assertCreates(adapter, key, data, LONG);
  return readRecord(adapter, key);
}

/** For cases about what is kept: an adapter that forgets accepts all and has nothing. */
export const forgetsAll: CaseBody = async (adapter, key) => {
  await assertCreates(adapter, key, 'first', LONG);
  await assertAbsent(adapter, key, LONG);
  await assertUpdates(adapter, key, 'second', LONG, 1);
  await assertCreates(adapter, key, 'third', LONG);
  await assertAbsent(adapter, key);
  await adapter.destroy(key);
};
