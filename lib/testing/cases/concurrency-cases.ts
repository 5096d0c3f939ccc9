import assert from 'node:assert/strict';
import {
  assertAbsent,
  assertCreates,
  forgetsAll,
  LONG,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';
import {
  assertNoUpdateIsLost,
  assertOneCreateWins,
  assertOneWon,
  inParallel,
} from '../racing-writers.js';
import { assertEndsInTime, SHORT } from '../short-lives.js';

const everyWriteIsAccepted: CaseBody = async (adapter, key) => {
  const { version } = await stored(adapter, key, 'first');
  const answers = await inParallel([adapter], (_, n) => adapter.update(key, `${n}`, LONG, version));
  assert.deepEqual(new Set(answers), new Set([true]));
};

const under = { forgets: forgetsAll, 'no-compare-and-swap': everyWriteIsAccepted };

export const concurrencyCases: readonly AdapterCase[] = [
  {
    title: 'R11 lets one of many creates at once win',
    under: { forgets: forgetsAll },
    body: (adapter, key) => assertOneCreateWins([adapter], key),
  },
  {
    title: 'R11 lets one of many creates at once win over an expired record',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await assertEndsInTime(adapter, key, () => adapter.create(key, 'expired', SHORT));
      await assertOneCreateWins([adapter], key);
    },
  },
  {
    title: 'R11 lets one of many updates of the same version win',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      const answers = await inParallel([adapter], (_, n) =>
        adapter.update(key, `${n}`, LONG, version),
      );
      await assertOneWon([adapter], key, answers);
    },
  },
  {
    title: 'R11 loses no update of writers that read and swap',
    under,
    body: async (adapter, key) => {
      await stored(adapter, key, '0');
      await assertNoUpdateIsLost([adapter], key);
    },
  },
  {
    title: 'R11 R22 loses no update while others read and extend',
    under,
    body: async (adapter, key) => {
      await stored(adapter, key, '0');
      await assertNoUpdateIsLost([adapter], key, () => adapter.read(key, LONG * 2));
    },
  },
  {
    title: 'R12 leaves nothing when updates and reads meet a destroy',
    body: async (adapter, key) => {
      await assertCreates(adapter, key, 'first', LONG);
      const record = await adapter.read(key);
      await Promise.all([
        adapter.update(key, 'second', LONG, record?.version ?? ''),
        adapter.read(key, LONG * 2),
        adapter.destroy(key),
        adapter.read(key, LONG * 2),
      ]);
      await assertAbsent(adapter, key);
    },
  },
];
