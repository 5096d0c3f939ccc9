import assert from 'node:assert/strict';
import type { RecordVersion, SessionAdapter } from '../../adapters/session-adapter.js';
import {
  assertAbsent,
  assertCreates,
  assertData,
  assertRefuses,
  assertUpdates,
  forgetsAll,
  freshKey,
  LONG,
  readRecord,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';
import {
  assertEndsInTime,
  assertIsGoneInTime,
  extendedByRead,
  extendedByUpdate,
  SHORT,
  shortLivesAreOver,
  withinShortLife,
} from '../short-lives.js';

const under = { forgets: forgetsAll };

/** Seconds: more than timers run at the most, and than the 30 days from which memcached takes a date. */
const LONG_LIVES = [31, 400].map((days) => days * 86_400);

/** Looks until a life has ended, and gives the key and the last version of its record. */
async function endLife(adapter: SessionAdapter): Promise<[key: string, RecordVersion]> {
  const last = await withinShortLife(async (key) => {
    await assertCreates(adapter, key, 'first', SHORT);
    const first = await readRecord(adapter, key);
    const begun = performance.now();
    await assertUpdates(adapter, key, 'second', SHORT, first.version);
    return { key, begun, version: (await readRecord(adapter, key)).version };
  });
  await assertIsGoneInTime(adapter, last.key, last.begun);
  return [last.key, last.version];
}

const endsForGood: CaseBody = async (adapter) => {
  const [key, version] = await endLife(adapter);
  await assertAbsent(adapter, key, LONG);
  await assertRefuses(adapter, key, 'back', version);
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
    body: async (adapter) => {
      const [key, version] = await endLife(adapter);
      await stored(adapter, key, 'third');
      await assertRefuses(adapter, key, 'back', version);
      await assertData(adapter, key, 'third');
    },
  },
  {
    title: 'R22 sets the life anew when it reads with a ttl, longer and shorter',
    under,
    body: async (adapter, key) => {
      const control = freshKey();
      await stored(adapter, key, 'shortened');
      const extended = await extendedByRead(adapter);
      await Promise.all([
        assertEndsInTime(adapter, key, () => adapter.read(key, SHORT)),
        assertEndsInTime(adapter, control, () => adapter.create(control, 'control', SHORT)),
      ]);
      await assertData(adapter, extended, 'live');
    },
  },
  {
    title: 'R22 sets the life anew at an update, longer and shorter',
    under,
    body: async (adapter, key) => {
      const control = freshKey();
      const long = await stored(adapter, key, 'long');
      const extended = await extendedByUpdate(adapter);
      await Promise.all([
        assertEndsInTime(adapter, key, async () => {
          await assertUpdates(adapter, key, 'shortened', SHORT, long.version);
        }),
        assertEndsInTime(adapter, control, () => adapter.create(control, 'control', SHORT)),
      ]);
      await assertData(adapter, extended, 'live');
    },
  },
  {
    title: 'R12 does not bring back an expired record at which nobody has looked',
    under,
    body: async (adapter) => {
      const { key, version } = await withinShortLife(async (short) => {
        await assertCreates(adapter, short, 'data', SHORT);
        return { key: short, version: (await readRecord(adapter, short)).version };
      });
      await shortLivesAreOver();
      await assertRefuses(adapter, key, 'back', version);
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
          await assertCreates(adapter, created, 'data', ttl);
          const { version } = await stored(adapter, updated, 'first');
          await assertUpdates(adapter, updated, 'data', ttl, version);
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
