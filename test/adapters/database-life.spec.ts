import { describe, expect, it } from '@jest/globals';
import { TestDatabase, databaseKinds } from '../support/session-databases.js';

describe.each(databaseKinds)('The life of records in the database adapter on $name', (kind) => {
  const database = TestDatabase.use(kind);

  describe('versions', () => {
    it('never come again for a key that was removed and used anew', async () => {
      const adapter = await database.openAdapter();
      const versions = new Set<unknown>();
      for (let round = 0; round < 20; round++) {
        await adapter.create('key', 'data', 60);
        const version = (await adapter.read('key'))?.version ?? 'none';
        versions.add(version);
        expect(await adapter.update('key', 'data', 60, version)).toBe(true);
        versions.add((await adapter.read('key'))?.version);
        await adapter.destroy('key');
      }
      expect(versions.size).toBe(40);
    });
  });

  describe('expiry', () => {
    it('R22 extends on reading only after a tenth of the life, and then to the whole', async () => {
      const adapter = await database.openAdapter();
      await adapter.create('key', 'data', 95);
      const before = await adapter.read('key', 100);
      expect(await lifeLeft(database, 'key')).toBeLessThanOrEqual(95);

      await adapter.read('key', 200);
      expect(await lifeLeft(database, 'key')).toBeGreaterThan(195);

      await adapter.read('key', 50);
      expect(await lifeLeft(database, 'key')).toBeLessThanOrEqual(50);
      expect(await adapter.read('key')).toEqual(before);
    });

    it('R12 does not bring back an expired record by reading or updating it', async () => {
      const adapter = await database.openAdapter();
      await adapter.create('key', 'data', 60);
      const version = (await adapter.read('key'))?.version ?? 'none';
      await expire(database, 'key');
      expect(await adapter.read('key', 60)).toBeUndefined();
      expect(await adapter.update('key', 'new', 60, version)).toBe(false);
      expect(await adapter.read('key')).toBeUndefined();
    });

    it('lets exactly one of many take over an expired key', async () => {
      const processes = await Promise.all([database.openAdapter(), database.openAdapter()]);
      for (let round = 0; round < 5; round++) {
        const key = `expired-${round}`;
        await processes[0].create(key, 'old', 60);
        await expire(database, key);
        const attempts = processes.flatMap((adapter, process) =>
          Array.from({ length: 10 }, (_, i) => adapter.create(key, `${process}-${i}`, 60)),
        );
        const created = await Promise.all(attempts);
        expect(created.filter(Boolean)).toHaveLength(1);
        const winner = created.indexOf(true);
        const data = `${Math.floor(winner / 10)}-${winner % 10}`;
        expect(await processes[1].read(key)).toMatchObject({ data });
      }
    });

    it('is not taken for life by a sweep in between', async () => {
      const adapter = await database.openAdapter();
      for (let round = 0; round < 10; round++) {
        await adapter.create('key', 'old', 60);
        await expire(database, 'key');
        const [created] = await Promise.all([adapter.create('key', 'new', 60), adapter.sweep()]);
        expect(created).toBe(true);
        expect(await adapter.read('key')).toMatchObject({ data: 'new' });
        await adapter.destroy('key');
      }
    });

    it('is swept in batches, by several processes at once, while others write', async () => {
      const processes = await Promise.all([
        database.openAdapter(),
        database.openAdapter(),
        database.openAdapter(),
      ] as const);
      await fill(database, 'old', 2500, Date.now() - 1);
      await fill(database, 'live', 100, Date.now() + 60_000);
      const writing = Promise.all(
        Array.from({ length: 50 }, (_, i) => processes[0].create(`new-${i}`, 'data', 60)),
      );
      const counts = await Promise.all(processes.map((adapter) => adapter.sweep()));
      expect(counts.reduce((sum, count) => sum + count)).toBe(2500);
      expect((await writing).every(Boolean)).toBe(true);
      expect(await database.knex('sessions').pluck('key')).toHaveLength(150);
      expect(await processes[0].sweep()).toBe(0);
    });
  });
});

async function expire(database: TestDatabase, ...keys: string[]): Promise<void> {
  await database
    .knex('sessions')
    .whereIn('key', keys)
    .update({ expires_at: Date.now() - 1 });
}

/** Seconds until the record expires. */
async function lifeLeft(database: TestDatabase, key: string): Promise<number> {
  const row: { expires_at: unknown } = await database.knex('sessions').where({ key }).first();
  return (Number(row.expires_at) - Date.now()) / 1000;
}

async function fill(
  database: TestDatabase,
  name: string,
  count: number,
  expiresAt: number,
): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => {
    return { key: `${name}-${i}`, data: '{}', version: i, expires_at: expiresAt };
  });
  await database.knex.batchInsert('sessions', rows, 500);
}
