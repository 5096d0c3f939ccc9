import assert from 'node:assert/strict';
import {
  assertAbsent,
  assertCreates,
  assertData,
  assertUpdates,
  forgetsAll,
  freshKey,
  LONG,
  readRecord,
  stored,
  type AdapterCase,
} from '../adapter-case.js';

const under = { forgets: forgetsAll };

export const recordCases: readonly AdapterCase[] = [
  {
    title: 'reads undefined where nothing is stored',
    body: async (adapter, key) => {
      await assertAbsent(adapter, key);
      await assertAbsent(adapter, key, LONG);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'reads what was created, with and without a ttl',
    under,
    body: async (adapter, key) => {
      const { data, version } = await stored(adapter, key, 'data');
      assert.equal(data, 'data');
      assert.match(typeof version, /^(string|number)$/, 'a version has to be a string or a number');
      const again = await adapter.read(key, LONG);
      assert.equal(again?.data, data);
      assert.equal(again?.version, version);
    },
  },
  {
    title: 'answers with promises',
    body: async (adapter, key) => {
      const answers = {
        read: adapter.read(key),
        create: adapter.create(key, 'data', LONG),
        update: adapter.update(freshKey(), 'data', LONG, 1),
        destroy: adapter.destroy(freshKey()),
      };
      await Promise.allSettled(Object.values(answers));
      for (const [method, answer] of Object.entries<unknown>(answers)) {
        assert.ok(isThenable(answer), `${method} has to give a promise: make it async`);
      }
    },
  },
  {
    title: 'creates only where nothing is stored, and leaves what is there',
    under,
    body: async (adapter, key) => {
      const first = await stored(adapter, key, 'first');
      const answer = await adapter.create(key, 'second', LONG);
      assert.equal(answer, false, `create has to give false for a taken key, and gave ${answer}`);
      assert.deepEqual(await readRecord(adapter, key), first);
    },
  },
  {
    title: 'replaces the data at an update',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      await assertUpdates(adapter, key, 'second', LONG, version);
      await assertData(adapter, key, 'second');
    },
  },
  {
    title: 'destroys a record, and does nothing where there is none',
    body: async (adapter, key) => {
      await assertCreates(adapter, key, 'data', LONG);
      await adapter.destroy(key);
      await assertAbsent(adapter, key);
      await adapter.destroy(key);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'creates again after a destroy',
    under,
    body: async (adapter, key) => {
      await stored(adapter, key, 'first');
      await adapter.destroy(key);
      await stored(adapter, key, 'second');
      await assertData(adapter, key, 'second');
    },
  },
  {
    title: 'keeps the records of different keys apart',
    under,
    body: async (adapter, key) => {
      const other = freshKey();
      await stored(adapter, key, 'one');
      const { version } = await stored(adapter, other, 'two');
      await assertUpdates(adapter, other, 'three', LONG, version);
      await assertData(adapter, key, 'one');
      await adapter.destroy(other);
      await assertData(adapter, key, 'one');
    },
  },
];

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
