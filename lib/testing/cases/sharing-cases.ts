import assert from 'node:assert/strict';
import type { SessionAdapter } from '../../adapters/session-adapter.js';
import {
  assertAbsent,
  assertData,
  assertUpdates,
  forgetsAll,
  freshKey,
  LONG,
  readRecord,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';
import { assertNoUpdateIsLost, assertOneCreateWins } from '../racing-writers.js';

/** Two adapters as two processes have them, or twice the one that there is. */
type Pair = readonly [SessionAdapter, SessionAdapter];
type PairBody = (pair: Pair, key: string) => Promise<void>;

const VERSIONS = 6;

const acceptsStaleVersions: PairBody = async ([one, other], key) => {
  const { version } = await stored(one, key, 'first');
  await assertUpdates(one, key, 'second', LONG, version);
  await assertUpdates(other, key, 'stale', LONG, version);
  await assertData(one, key, 'stale');
};

export const sharingCases: readonly AdapterCase[] = [
  {
    title: 'reads at once what another adapter has written, and destroyed',
    ...byTwo(async ([one, other], key) => {
      const { version } = await stored(one, key, 'first');
      await assertData(other, key, 'first');
      await assertUpdates(one, key, 'second', LONG, version);
      await assertData(other, key, 'second');
      await one.destroy(key);
      await assertAbsent(other, key);
    }),
  },
  {
    title: 'leaves what another adapter has stored when it sweeps, if it does',
    ...byTwo(async ([one, other], key) => {
      await stored(one, key, 'data');
      await other.sweep?.();
      await assertData(one, key, 'data');
    }),
  },
  {
    title: 'R11 gives a version that no write of another adapter had',
    ...byTwo(async ([one, other], key) => {
      const versions = [(await stored(one, key, 'same')).version];
      while (versions.length < VERSIONS) {
        const writer = versions.length % 2 === 0 ? one : other;
        const { version } = await readRecord(writer, key);
        await assertUpdates(writer, key, 'same', LONG, version);
        const next = (await readRecord(writer, key)).version;
        assert.ok(!versions.includes(next), 'a version was given twice');
        versions.push(next);
      }
    }, acceptsStaleVersions),
  },
  {
    title: 'R11 lets one of many creates by two adapters win',
    ...byTwo(assertOneCreateWins),
  },
  {
    title: 'R11 loses no update of two adapters that read and swap',
    ...byTwo(async (pair, key) => {
      await stored(pair[0], key, '0');
      await assertNoUpdateIsLost(pair, key);
    }, acceptsStaleVersions),
  },
];

/** A case about two adapters on one store, if `createAdapter` gives such; otherwise about one. */
function byTwo(
  body: PairBody,
  withoutCompareAndSwap: PairBody = body,
): Pick<AdapterCase, 'body' | 'under'> {
  return {
    body: withPair(body),
    under: {
      forgets: forgetsAll,
      'no-compare-and-swap': withPair(withoutCompareAndSwap),
      'one-process': (adapter, key) => body([adapter, adapter], key),
    },
  };
}

function withPair(body: PairBody): CaseBody {
  return async (adapter, key, createAnother) => {
    const other = await createAnother();
    const probe = freshKey();
    await stored(adapter, probe, 'shared');
    const isShared = (await other.read(probe)) !== undefined;
    await body([adapter, isShared ? other : adapter], key);
  };
}
