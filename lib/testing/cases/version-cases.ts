import assert from 'node:assert/strict';
import {
  assertAbsent,
  assertCreates,
  assertData,
  assertRefuses,
  assertUpdates,
  forgetsAll,
  LONG,
  readRecord,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';

const acceptsStaleVersions: CaseBody = async (adapter, key) => {
  const { version } = await stored(adapter, key, 'first');
  await assertUpdates(adapter, key, 'second', LONG, version);
  await assertUpdates(adapter, key, 'stale', LONG, version);
  await assertData(adapter, key, 'stale');
};

/** Among them what stores take for any version, or for none. */
const NEVER_GIVEN = [0, -1, 0.5, Number.NaN, '', '0', ' ', '*', 'null', '0'.repeat(16)];

const under = { forgets: forgetsAll, 'no-compare-and-swap': acceptsStaleVersions };

export const versionCases: readonly AdapterCase[] = [
  {
    title: 'R11 gives a version that no write before had',
    under,
    body: async (adapter, key) => {
      const versions = [(await stored(adapter, key, 'same')).version];
      for (const version of versions) {
        await assertUpdates(adapter, key, 'same', LONG, version);
        const next = (await readRecord(adapter, key)).version;
        assert.ok(!versions.includes(next), 'a version was given twice');
        if (versions.length < 5) versions.push(next);
      }
    },
  },
  {
    title: 'R11 keeps the version while the record is only read',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'data');
      await adapter.read(key);
      await adapter.read(key, LONG * 2);
      await assertUpdates(adapter, key, 'new', LONG, version);
    },
  },
  {
    title: 'R11 refuses a stale version, and keeps the data',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      await assertUpdates(adapter, key, 'second', LONG, version);
      const second = await readRecord(adapter, key);
      await assertRefuses(adapter, key, 'stale', version);
      assert.deepEqual(await readRecord(adapter, key), second);
    },
  },
  {
    title: 'R11 refuses a version that it has never given',
    under,
    body: async (adapter, key) => {
      const record = await stored(adapter, key, 'data');
      const others = NEVER_GIVEN.filter((version) => String(version) !== String(record.version));
      for (const version of [...others, `${record.version}0`, `x${record.version}`]) {
        // A store may also say that it is none.
        const isAccepted = await adapter.update(key, 'foreign', LONG, version).catch(() => false);
        assert.equal(isAccepted, false);
      }
      assert.deepEqual(await readRecord(adapter, key), record);
    },
  },
  {
    title: 'R12 does not bring back a destroyed record by an update',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'data');
      await adapter.destroy(key);
      await assertRefuses(adapter, key, 'back', version);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'R12 does not bring back a destroyed record by a read that extends',
    body: async (adapter, key) => {
      await assertCreates(adapter, key, 'data', LONG);
      await adapter.destroy(key);
      await assertAbsent(adapter, key, LONG);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'R12 refuses the version of a destroyed record on the next one under its key',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      await adapter.destroy(key);
      await stored(adapter, key, 'second');
      await assertRefuses(adapter, key, 'stale', version);
      await assertData(adapter, key, 'second');
    },
  },
];
