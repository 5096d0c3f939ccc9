import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { StoredRecord } from '../../adapters/session-adapter.js';
import {
  assertAbsent,
  assertData,
  forgetsAll,
  freshKey,
  LONG,
  stored,
  type AdapterCase,
} from '../adapter-case.js';
import {
  assertEndsInTime,
  extendedByRead,
  extendedByUpdate,
  SHORT,
  shortLivesAreOver,
} from '../short-lives.js';

/** Milliseconds after which a call on a closed adapter counts as hanging. */
const SETTLE_TIME = 5000;
/** Records that a sweep has to do with at once. */
const MANY = 20;
const SWEEP_COUNTS = 'sweep has to give a count';

export const lifecycleCases: readonly AdapterCase[] = [
  {
    title: 'does nothing when it is opened again',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await stored(adapter, key, 'data');
      await adapter.open?.();
      await assertData(adapter, key, 'data');
    },
  },
  {
    title: 'answers a ping, if it has one',
    body: async (adapter) => {
      assert.equal(await adapter.ping?.(), undefined);
    },
  },
  {
    title: 'leaves live records when it sweeps, if it does',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await stored(adapter, key, 'live');
      const [ended, again] = [freshKey(), freshKey()];
      const [extended, renewed] = [await extendedByRead(adapter), await extendedByUpdate(adapter)];
      // Two keys may be on two servers, of which each ends lives in its own time.
      await Promise.all(
        [ended, again].map((each) =>
          assertEndsInTime(adapter, each, () => adapter.create(each, 'ended', SHORT)),
        ),
      );
      await stored(adapter, again, 'live');
      const count = await adapter.sweep?.();
      assert.ok(count === undefined || (Number.isSafeInteger(count) && count >= 0), SWEEP_COUNTS);
      for (const live of [key, again, extended, renewed]) await assertData(adapter, live, 'live');
      await assertAbsent(adapter, ended);
    },
  },
  {
    title: 'sweeps, if it does, nothing that is stored anew at that moment',
    under: { forgets: forgetsAll },
    body: async (adapter) => {
      const ended = Array.from({ length: MANY }, () => freshKey());
      await Promise.all(ended.map((each) => adapter.create(each, 'ended', SHORT)));
      await shortLivesAreOver();
      const sweeping = adapter.sweep?.();
      const creating = Promise.all(ended.map((each) => adapter.create(each, 'live', LONG)));
      const [answers] = await Promise.all([creating, sweeping, adapter.sweep?.()]);
      assert.deepEqual(new Set(answers), new Set([true]));
      for (const each of ended) await assertData(adapter, each, 'live');
    },
  },
  {
    title: 'does nothing when it is closed again',
    body: async (adapter) => {
      await adapter.close?.();
      assert.equal(await adapter.close?.(), undefined);
    },
  },
  {
    title: 'R25 settles what is in flight when it is closed, and tells nothing but the truth',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'data');
      const answers = Promise.all([
        answerOf(() => adapter.read(key)),
        answerOf(() => adapter.update(key, 'data', LONG, version)),
        answerOf(() => adapter.create(freshKey(), 'data', LONG)),
        answerOf(() => adapter.read(key, LONG)),
      ]);
      await adapter.close?.();
      for (const answer of await answers) assertTrue(answer);
    },
  },
  {
    title: 'R25 rejects or answers after it was closed, but does not call a live record absent',
    under: { forgets: forgetsAll },
    body: async (adapter, key, createAnother) => {
      const { version } = await stored(adapter, key, 'data');
      await adapter.close?.();
      const assertUnread = async (data: string, message: string): Promise<void> => {
        for (const reader of [adapter, await createAnother()]) {
          assert.ok((await answerOf(() => reader.read(key))) !== data, message);
        }
      };
      assertTrue(await answerOf(() => adapter.read(key)));
      assertTrue(await answerOf(() => adapter.create(freshKey(), 'data', LONG)));
      const updated = await answerOf(() => adapter.update(key, 'new', LONG, version));
      assertTrue(updated);
      const isUpdated = updated === true;
      if (isUpdated) await assertUnread('data', 'a closed adapter has not stored what it said');
      if ((await answerOf(() => adapter.destroy(key))) === 'rejected') return;
      const last = isUpdated ? 'new' : 'data';
      await assertUnread(last, 'a closed adapter has not destroyed what it said');
    },
  },
];

/** What a call comes to: data or `absent`, true or false, `rejected` or `hanging`. */
async function answerOf(
  call: () => Promise<StoredRecord | boolean | undefined | void>,
): Promise<string | boolean> {
  const over = new AbortController();
  const answer = await Promise.race([
    asPromise(call).then(
      (value) => (typeof value === 'object' ? value.data : (value ?? 'absent')),
      () => 'rejected',
    ),
    delay(SETTLE_TIME, 'hanging', { signal: over.signal }),
  ]);
  over.abort();
  return answer;
}

/** At once; what throws has rejected. */
async function asPromise<T>(call: () => Promise<T>): Promise<T> {
  return call();
}

/** Of a record that lives, a key that is free, and the newest version. */
function assertTrue(answer: string | boolean): void {
  assert.ok(['data', true, 'rejected'].includes(answer), `a closed adapter answered: ${answer}`);
}
