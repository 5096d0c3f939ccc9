import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSessionAdapter, type SessionAdapter, type StoredRecord } from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { ManyRecords } from '../../lib/adapters/many-records.js';
import { readSealingKeys } from '../../lib/record/sealing-keys.js';
import { Sealing } from '../../lib/record/sealing.js';
import { BoundedAdapter } from '../../lib/store/bounded-adapter.js';
import { Deadline } from '../../lib/store/deadline.js';
import { SealingAdapter, UNSEALED } from '../../lib/store/sealing-adapter.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { databaseKinds, STARTING } from '../support/session-databases.js';

type Store = SessionAdapter & Partial<ManyRecords>;

interface Running {
  readonly adapter: Store;
  readonly stop: () => Promise<unknown>;
}

const stores: readonly [string, () => Promise<Running>][] = [
  ['memory', async () => ({ adapter: new MemoryAdapter(), stop: async () => {} })],
  [
    'files',
    async () => {
      const path = await mkdtemp(join(tmpdir(), 'many-'));
      const adapter = await createSessionAdapter({ adapter: 'file', path });
      return { adapter, stop: () => rm(path, { recursive: true }) };
    },
  ],
  ...databaseKinds.map(({ name, start }): [string, () => Promise<Running>] => [
    name,
    async () => {
      const { login, stop } = await start();
      const adapter = await createSessionAdapter({ adapter: 'database', ...login });
      return { adapter, stop: () => Promise.all([adapter.close?.(), stop()]) };
    },
  ]),
];

const SQLITE = { client: 'sqlite', connection: ':memory:' } as const;

class UppercaseFiles extends FileAdapter {
  static readonly destroyed: string[] = [];

  override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return uppercase(await super.read(key, ttl));
  }

  override async destroy(key: string): Promise<void> {
    UppercaseFiles.destroyed.push(key);
    await super.destroy(key);
  }
}

class UppercaseTable extends DatabaseAdapter {
  static readonly destroyed: string[] = [];

  override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return uppercase(await super.read(key, ttl));
  }

  override async destroy(key: string): Promise<void> {
    UppercaseTable.destroyed.push(key);
    await super.destroy(key);
  }
}

function uppercase(record: StoredRecord | undefined): StoredRecord | undefined {
  return record && { ...record, data: record.data.toUpperCase() };
}

const within = new Deadline(60_000);
const KEYS = Array.from({ length: 120 }, (_, index) => `sess:${index}`);

describe.each(stores)('many records at once on %s', (_, start) => {
  let running: Running;
  let adapter: Store;
  let bounded: BoundedAdapter;

  beforeAll(async () => {
    running = await start();
    ({ adapter } = running);
    bounded = new BoundedAdapter(adapter, { storeTimeout: 10_000 });
    for (const key of KEYS) {
      if (!key.endsWith('7')) await adapter.create(key, `data of ${key}: "\0 \ud83d`, 600);
    }
  }, STARTING);

  afterAll(() => running?.stop());

  it('are read as one by one, in the order of the keys', async () => {
    const singly = [];
    for (const key of KEYS) singly.push(await adapter.read(key));
    expect(singly.filter((record) => record === undefined)).toHaveLength(12);
    expect(await bounded.readMany(within, KEYS)).toEqual(singly);
    expect(await bounded.readMany(within, [])).toEqual([]);
  });

  it('are removed, and no others', async () => {
    const [gone, kept] = [KEYS.slice(0, 70), KEYS.slice(70)];
    await bounded.destroyMany(within, [...gone, 'sess:never there']);
    const left = await bounded.readMany(within, KEYS);
    expect(left.slice(0, 70).filter(Boolean)).toEqual([]);
    expect(left.slice(70).filter(Boolean)).toHaveLength(kept.length - 5);
    await bounded.destroyMany(within, []);
  });
});

describe('many records at once', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'many-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('R25 reject when the store is away, whether it has calls for many or not', async () => {
    const counting = new CountingAdapter();
    counting.isDown = true;
    const bounded = new BoundedAdapter(counting, { storeTimeout: 1000 });
    expect(await failureOf(bounded.readMany(within, KEYS))).toMatchObject({ statusCode: 503 });
    expect(await failureOf(bounded.destroyMany(within, KEYS))).toMatchObject({ statusCode: 503 });
  });

  describe.each([
    ['files', () => new UppercaseFiles({ path: folder }), () => UppercaseFiles.destroyed],
    ['a database', () => new UppercaseTable(SQLITE), () => UppercaseTable.destroyed],
  ])('on %s, by a subclass with methods of its own', (_, create, destroyed) => {
    it.each([false, true])('are read and removed by those; sealed: %p', async (isSealed) => {
      const adapter = create();
      await adapter.open?.();
      const sealing = new Sealing(readSealingKeys({ keys: [randomBytes(32)] }), 'record');
      const store = isSealed ? new SealingAdapter(adapter, sealing) : adapter;
      const bounded = new BoundedAdapter(store, { storeTimeout: 2000 });
      await store.create('sess:a', 'data', 60);
      const [read] = await bounded.readMany(within, ['sess:a']);
      // What was changed on its way back is no longer what was sealed.
      expect(read?.data).toBe(isSealed ? UNSEALED : 'DATA');
      destroyed().length = 0;
      await bounded.destroyMany(within, ['sess:a', 'sess:b']);
      expect(destroyed()).toEqual(['sess:a', 'sess:b']);
      expect(await adapter.read('sess:a')).toBeUndefined();
      await adapter.close?.();
    });
  });

  it('are read by a method that somebody has put on the adapter', async () => {
    const adapter = new DatabaseAdapter(SQLITE);
    adapter.read = async (key) => ({ data: `of ${key}`, version: 1 });
    const bounded = new BoundedAdapter(adapter, { storeTimeout: 2000 });
    expect(await bounded.readMany(within, ['a'])).toEqual([{ data: 'of a', version: 1 }]);
    await adapter.close();
  });

  it('are opened one by one where they are sealed', async () => {
    const sealing = new Sealing(readSealingKeys({ keys: [randomBytes(32)] }), 'record');
    const inner: Store = new MemoryAdapter();
    inner.readMany = (keys) => Promise.all(keys.map((key) => inner.read(key)));
    const sealed = new SealingAdapter(inner, sealing);
    await sealed.create('a', 'Kimbra', 60);
    await inner.create('b', (await inner.read('a'))?.data ?? '', 60);
    const read = await sealed.readMany?.(['a', 'b', 'c']);
    expect(read?.map((record) => record?.data)).toEqual(['Kimbra', '', undefined]);
    expect(sealed.destroyMany).toBeUndefined();
  });
});
