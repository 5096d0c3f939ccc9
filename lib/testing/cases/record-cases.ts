import assert from 'node:assert/strict';
import {
  assertAbsent,
  assertData,
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
      assert.equal(await adapter.read(key, LONG), undefined);
      await assertAbsent(adapter, key);
    },
  },
  {
    title: 'reads what was created, with and without a ttl',
    under,
    body: async (adapter, key) => {
      const { data, version } = await stored(adapter, key, 'data');
      assert.equal(data, 'data');
      assert.ok(typeof version === 'string' || typeof version === 'number');
      const again = await adapter.read(key, LONG);
      assert.equal(again?.data, data);
      assert.equal(again?.version, version);
    },
  },
  {
    title: 'creates only where nothing is stored, and leaves what is there',
    under,
    body: async (adapter, key) => {
      const first = await stored(adapter, key, 'first');
      assert.equal(await adapter.create(key, 'second', LONG), false);
      assert.deepEqual(await readRecord(adapter, key), first);
    },
  },
  {
    title: 'replaces the data at an update',
    under,
    body: async (adapter, key) => {
      const { version } = await stored(adapter, key, 'first');
      assert.equal(await adapter.update(key, 'second', LONG, version), true);
      await assertData(adapter, key, 'second');
    },
  },
  {
    title: 'destroys a record, and does nothing where there is none',
    body: async (adapter, key) => {
      assert.equal(await adapter.create(key, 'data', LONG), true);
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
      assert.equal(await adapter.update(other, 'three', LONG, version), true);
      await assertData(adapter, key, 'one');
      await adapter.destroy(other);
      await assertData(adapter, key, 'one');
    },
  },
];
