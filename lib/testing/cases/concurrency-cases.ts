import assert from 'node:assert/strict';
import type { SessionAdapter } from '../../adapters/session-adapter.js';
import {
  assertAbsent,
  assertData,
  assertEndsInTime,
  forgetsAll,
  LONG,
  readRecord,
  SHORT,
  stored,
  type AdapterCase,
  type CaseBody,
} from '../adapter-case.js';

const WRITERS = 8;
const INCREMENTS = 5;

const everyWriteIsAccepted: CaseBody = async (adapter, key) => {
  const { version } = await stored(adapter, key, 'first');
  const answers = await inParallel((n) => adapter.update(key, `${n}`, LONG, version));
  assert.deepEqual(new Set(answers), new Set([true]));
};

const under = { forgets: forgetsAll, 'no-compare-and-swap': everyWriteIsAccepted };

export const concurrencyCases: readonly AdapterCase[] = [
  {
    title: 'R11 lets one of many creates at once win',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      const answers = await inParallel((n) => adapter.create(key, `${n}`, LONG));
      await assertOneWon(adapter, key, answers);
    },
  },
  {
    title: 'R11 lets one of many creates at once win over an expired record',
    under: { forgets: forgetsAll },
    body: async (adapter, key) => {
      await assertEndsInTime(adapter, key, () => adapter.create(key, 'expired', SHORT));
      const answers = await inParallel((n) => adapter.create(key, `${n}`, LONG));
      await assertOneWon(adapter, key, answers);
    },
  },
  {
    title: 'R11 lets one of many updates of the same version win',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      const answers = await inParallel((n) => adapter.update(key, `${n}`, LONG, version));
      await assertOneWon(adapter, key, answers);
    },
  },
  {
    title: 'R11 loses no update of writers that read and swap',
    under,
    body: async (adapter, key) => {
      await stored(adapter, key, '0');
      await inParallel(async () => {
        for (let done = 0; done < INCREMENTS; done++) await increment(adapter, key);
      });
      await assertData(adapter, key, `${WRITERS * INCREMENTS}`);
    },
  },
  {
    title: 'R12 leaves nothing when updates and reads meet a destroy',
    body: async (adapter, key) => {
      assert.equal(await adapter.create(key, 'first', LONG), true);
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

function inParallel<T>(write: (writer: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
}

async function assertOneWon(
  adapter: SessionAdapter,
  key: string,
  answers: readonly boolean[],
): Promise<void> {
  assert.equal(answers.filter(Boolean).length, 1);
  await assertData(adapter, key, `${answers.indexOf(true)}`);
}

async function increment(adapter: SessionAdapter, key: string): Promise<void> {
  // Who is refused has been overtaken by another write, and there are only so many.
  for (let tries = 0; tries < WRITERS * INCREMENTS; tries++) {
    const { data, version } = await readRecord(adapter, key);
    if (await adapter.update(key, `${Number(data) + 1}`, LONG, version)) return;
  }
  assert.fail('the newest version is refused again and again');
}
