import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { readSealingKeys } from '../../lib/record/sealing-keys.js';
import { Sealing } from '../../lib/record/sealing.js';
import { SealingAdapter } from '../../lib/store/sealing-adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { itTogether } from '../support/it-together.js';

const sealing = new Sealing(readSealingKeys({ keys: [randomBytes(32)] }), 'record');

describeSessionAdapter('sealed memory', () => new SealingAdapter(new MemoryAdapter(), sealing), {
  describe,
  it: itTogether(),
});

describe('SealingAdapter', () => {
  const setUp = () => {
    const store = new CountingAdapter();
    return { store, sealed: new SealingAdapter(store, sealing) };
  };

  it('gives the store sealed data only', async () => {
    const { store, sealed } = setUp();
    await sealed.create('key', 'Kimbra', 60);
    const created = await store.peek('key');
    expect(created?.data).toMatch(/^sealed1\./);
    await sealed.update('key', 'Kimbra', 60, created?.version ?? '');
    const updated = await store.peek('key');
    expect(updated?.data).toMatch(/^sealed1\./);
    expect(updated?.data).not.toBe(created?.data);
  });

  it('R24 reads a record that was copied under another key as an unreadable one', async () => {
    const { store, sealed } = setUp();
    await sealed.create('key', 'Kimbra', 60);
    await store.create('copy', (await store.peek('key'))?.data ?? '', 60);
    expect(await sealed.read('key')).toMatchObject({ data: 'Kimbra' });
    expect(await sealed.read('copy')).toMatchObject({ data: '' });
  });

  it('R24 reads a plain record as an unreadable one, and leaves it where it is', async () => {
    const { store, sealed } = setUp();
    await store.create('key', 'Kimbra', 60);
    expect(await sealed.read('key')).toMatchObject({ data: 'unsealed' });
    expect(await store.peek('key')).toMatchObject({ data: 'Kimbra' });
  });

  it('asks the store once for each call, with the same key, life and version', async () => {
    const { store, sealed } = setUp();
    await sealed.create('key', '1', 60);
    const version = (await sealed.read('key', 70))?.version;
    expect(version).toBe((await store.peek('key'))?.version);
    await sealed.update('key', '2', 80, version ?? '');
    await sealed.destroy('key');
    expect(store.calls).toEqual([
      { method: 'create', key: 'key', ttl: 60 },
      { method: 'read', key: 'key', ttl: 70 },
      { method: 'update', key: 'key', ttl: 80 },
      { method: 'destroy', key: 'key', ttl: undefined },
    ]);
  });

  it('R25 passes on that the store is away', async () => {
    const { store, sealed } = setUp();
    store.isDown = true;
    expect(await failureOf(sealed.read('key'))).toBe(store.fault);
    expect(await failureOf(sealed.create('key', '1', 60))).toBe(store.fault);
    expect(await failureOf(sealed.update('key', '1', 60, 1))).toBe(store.fault);
    expect(await failureOf(sealed.destroy('key'))).toBe(store.fault);
  });
});
