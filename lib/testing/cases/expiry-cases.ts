import assert from 'node:assert/strict';
import type { RecordVersion, SessionAdapter } from '../../adapters/session-adapter.js';
import {
  assertAbsent,
  assertData,
  assertEndsInTime,
  forgetsAll,
  freshKey,
  LONG,
  readRecord,
  SHORT,
  shortLivesAreOver,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';

const under = { forgets: forgetsAll };

/** Seconds: more than timers run at the most, and than the 30 days from which memcached takes a date. */
const LONG_LIVES = [31, 400].map((days) => days * 86_400);

/** Ends a life while it looks, and gives the version that the record had. */
async function endLife(adapter: SessionAdapter, key: string): Promise<RecordVersion> {
  assert.equal(await adapter.create(key, 'first', SHORT), true);
  let { version } = await readRecord(adapter, key);
  await assertEndsInTime(adapter, key, async () => {
    assert.equal(await adapter.update(key, 'second', SHORT, version), true);
    ({ version } = await readRecord(adapter, key));
  });
  return version;
}

const endsForGood: CaseBody = async (adapter, key) => {
  const version = await endLife(adapter, key);
  assert.equal(await adapter.read(key, LONG), undefined);
  assert.equal(await adapter.update(key, 'back', LONG, version), false);
  await assertAbsent(adapter, key);
  await stored(adapter, key, 'third');
};

export const expiryCases: readonly AdapterCase[] = [
  {
    title: 'R12 R22 ends a life in time, not put off by reads without a ttl, and for good',
    under,
    body: endsForGood,
  },
  {
    title: 'R12 refuses the version of an expired record on the next one under its key',
    under: { ...under, 'no-compare-and-swap': endsForGood },
    body: async (adapter, key) => {
      const version = await endLife(adapter, key);
      await stored(adapter, key, 'third');
      assert.equal(await adapter.update(key, 'back', LONG, version), false);
      await assertData(adapter, key, 'third');
    },
  },
  {
    title: 'R22 sets the life anew when it reads with a ttl, longer and shorter',
    under,
    body: async (adapter, key) => {
      const control = freshKey();
      await stored(adapter, key, 'shortened');
      const extended = freshKey();
      assert.equal(await adapter.create(extended, 'extended', SHORT), true);
      assert.equal((await adapter.read(extended, LONG))?.data, 'extended');
      await Promise.all([
        assertEndsInTime(adapter, key, () => adapter.read(key, SHORT)),
        assertEndsInTime(adapter, control, () => adapter.create(control, 'control', SHORT)),
      ]);
      await assertData(adapter, extended, 'extended');
    },
  },
  {
    title: 'R22 sets the life anew at an update, longer and shorter',
    under,
    body: async (adapter, key) => {
      const control = freshKey();
      const long = await stored(adapter, key, 'long');
      const extended = freshKey();
      assert.equal(await adapter.create(extended, 'short', SHORT), true);
      const short = await readRecord(adapter, extended);
      assert.equal(await adapter.update(extended, 'extended', LONG, short.version), true);
      await Promise.all([
        assertEndsInTime(adapter, key, async () => {
          assert.equal(await adapter.update(key, 'shortened', SHORT, long.version), true);
        }),
        assertEndsInTime(adapter, control, () => adapter.create(control, 'control', SHORT)),
      ]);
      await assertData(adapter, extended, 'extended');
    },
  },
  {
    title: 'R12 does not bring back an expired record at which nobody has looked',
    under,
    body: async (adapter, key) => {
      assert.equal(await adapter.create(key, 'data', SHORT), true);
      const { version } = await readRecord(adapter, key);
      await shortLivesAreOver();
      assert.equal(await adapter.update(key, 'back', LONG, version), false);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'R22 keeps what is to live for a month and longer',
    under,
    body: async (adapter, control) => {
      const begun = await Promise.all(
        LONG_LIVES.map(async (ttl) => {
          const [created, updated, extended] = [freshKey(), freshKey(), freshKey()];
          assert.equal(await adapter.create(created, 'data', ttl), true);
          const { version } = await stored(adapter, updated, 'first');
          assert.equal(await adapter.update(updated, 'data', ttl, version), true);
          await stored(adapter, extended, 'data');
          assert.equal((await adapter.read(extended, ttl))?.data, 'data');
          return [created, updated, extended];
        }),
      );
      await assertEndsInTime(adapter, control, () => adapter.create(control, 'control', SHORT));
      for (const key of begun.flat()) await assertData(adapter, key, 'data');
    },
  },
];
