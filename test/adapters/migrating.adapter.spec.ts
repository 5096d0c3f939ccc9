import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { MigratingAdapter } from '../../lib/adapters/migrating.adapter.js';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import {
  InvalidSessionOptionsException,
  SessionConflictException,
} from '../../lib/exceptions/session.exceptions.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { itTogether } from '../support/it-together.js';
import { startRedis } from '../support/redis-server.js';
import { UnitSessions } from '../support/unit-session.js';

type Phase = 'from' | 'to';
const phases = ['from', 'to'] as const;

/** Whatever begins, begins in the old store, as before the change, and is then found there. */
class BegunBefore extends MigratingAdapter {
  readonly #old: SessionAdapter;
  readonly #new: SessionAdapter;

  constructor(from: SessionAdapter, to: SessionAdapter, writeTo: Phase) {
    super(from, to, { writeTo });
    this.#old = from;
    this.#new = to;
  }

  override async create(key: string, data: string, ttl: number): Promise<boolean> {
    if ((await this.#new.read(key)) || !(await this.#old.create(key, data, ttl))) {
      return super.create(key, data, ttl);
    }
    await this.read(key, ttl);
    return true;
  }
}

describe('MigratingAdapter', () => {
  const storeTimeout = 10_000;
  const releases: (() => Promise<unknown>)[] = [];
  let redisPort: number;
  let folder: string;

  beforeAll(async () => {
    const redis = await startRedis();
    releases.push(() => redis.stop());
    redisPort = redis.port;
    folder = await mkdtemp(join(tmpdir(), 'migrating-'));
    releases.push(() => rm(folder, { recursive: true }));
  }, 60_000);
  afterAll(async () => {
    for (const release of releases.toReversed()) await release();
  });

  const together = itTogether();
  const inMemory = [new MemoryAdapter(), new MemoryAdapter()] as const;
  const redis = () => new RedisAdapter({ port: redisPort, storeTimeout });
  const files = () => new FileAdapter({ path: join(folder, 'files'), storeTimeout });
  const database = () =>
    new DatabaseAdapter({
      client: 'better-sqlite3',
      connection: { filename: join(folder, 'sessions.sqlite') },
      storeTimeout,
    });

  for (const writeTo of phases) {
    const cases = { describe, it: together };
    describeSessionAdapter(
      `memory, memory, ${writeTo}`,
      () => new MigratingAdapter(...inMemory, { writeTo }),
      cases,
    );
    describeSessionAdapter(
      `memory, memory, ${writeTo}, begun before`,
      () => new BegunBefore(...inMemory, writeTo),
      cases,
    );
    describeSessionAdapter(
      `memory, redis, ${writeTo}, begun before`,
      () => new BegunBefore(inMemory[0], redis(), writeTo),
      cases,
    );
    describeSessionAdapter(
      `file, database, ${writeTo}, begun before`,
      () => new BegunBefore(files(), database(), writeTo),
      cases,
    );
  }
  describeSessionAdapter('file, database', () => new MigratingAdapter(files(), database()), {
    describe,
    it: together,
  });
});

describe('MigratingAdapter: two stores', () => {
  let from: MemoryAdapter;
  let to: MemoryAdapter;
  let before: MigratingAdapter;
  let after: MigratingAdapter;

  beforeEach(() => {
    [from, to] = [new MemoryAdapter(), new MemoryAdapter()];
    before = new MigratingAdapter(from, to, { writeTo: 'from' });
    after = new MigratingAdapter(from, to);
  });

  it('moves a session when a request opens it, and never looks at the old store again', async () => {
    await from.create('sess:a', 'data', 60);
    expect((await after.read('sess:a', 60))?.data).toBe('data');
    expect((await to.read('sess:a'))?.data).toBe('data');
    const old = jest.spyOn(from, 'read');
    expect((await after.read('sess:a', 60))?.data).toBe('data');
    expect(old).not.toHaveBeenCalled();
  });

  it('moves nothing when a registry looks at it', async () => {
    await from.create('sess:a', 'data', 60);
    expect((await after.read('sess:a'))?.data).toBe('data');
    expect(await to.read('sess:a')).toBeUndefined();
  });

  it('leaves sessions in the old store as long as it is to be written to', async () => {
    expect(await before.create('sess:a', 'first', 60)).toBe(true);
    const read = await before.read('sess:a', 60);
    expect(await before.update('sess:a', 'second', 60, read?.version ?? '')).toBe(true);
    expect((await from.read('sess:a'))?.data).toBe('second');
    expect(await to.read('sess:a')).toBeUndefined();
  });

  it('writes to the new store what has moved, in both phases', async () => {
    await after.create('sess:a', 'first', 60);
    for (const adapter of [before, after]) {
      const read = await adapter.read('sess:a', 60);
      expect(await adapter.update('sess:a', `${read?.data}.`, 60, read?.version ?? '')).toBe(true);
    }
    expect((await to.read('sess:a'))?.data).toBe('first..');
  });

  it.each(phases)('R12 destroys in both stores: %s', async (writeTo) => {
    const adapter = new MigratingAdapter(from, to, { writeTo });
    await from.create('sess:a', 'data', 60);
    await to.create('sess:b', 'data', 60);
    for (const key of ['sess:a', 'sess:b']) {
      await adapter.destroy(key);
      for (const each of [before, after]) expect(await each.read(key, 60)).toBeUndefined();
      expect(await from.read(key)).toBeUndefined();
    }
  });

  it('R11 refuses the version of one store for the record of the other', async () => {
    await from.create('sess:a', 'first', 60);
    const stale = await before.read('sess:a');
    await after.read('sess:a', 60);
    expect(await before.update('sess:a', 'stale', 60, stale?.version ?? '')).toBe(false);
    expect(await after.update('sess:a', 'stale', 60, stale?.version ?? '')).toBe(false);
    expect(await after.update('sess:a', 'foreign', 60, 1)).toBe(false);
    expect((await after.read('sess:a'))?.data).toBe('first');
  });

  it('keeps what a process of old was told to be stored, or has it told the truth', async () => {
    await from.create('sess:a', 'first', 60);
    const old = await from.read('sess:a');
    const mine = await after.read('sess:a');
    expect(await from.update('sess:a', 'by the old one', 60, old?.version ?? '')).toBe(true);
    expect(await after.update('sess:a', 'mine', 60, mine?.version ?? '')).toBe(false);
    const newest = await from.read('sess:a');
    expect((await after.read('sess:a', 60))?.data).toBe('by the old one');
    expect(await from.update('sess:a', 'too late', 60, newest?.version ?? '')).toBe(false);
    expect((await after.read('sess:a', 60))?.data).toBe('by the old one');
  });

  it('R25 is unavailable when one store is, and calls nothing absent', async () => {
    await from.create('sess:a', 'data', 60);
    jest.spyOn(to, 'create').mockRejectedValueOnce(new Error('down'));
    await expect(after.read('sess:a', 60)).rejects.toThrow('down');
    expect((await after.read('sess:a', 60))?.data).toBe('data');
    jest.spyOn(from, 'read').mockRejectedValueOnce(new Error('down'));
    await expect(after.read('sess:b', 60)).rejects.toThrow('down');
  });

  it('asks both stores for what concerns all of them', async () => {
    const options = { client: 'better-sqlite3', connection: ':memory:' } as const;
    const stores = [new DatabaseAdapter(options), new DatabaseAdapter(options)] as const;
    const adapter = new MigratingAdapter(...stores);
    for (const method of ['open', 'close', 'ping', 'sweep'] as const) {
      const spies = stores.map((store) => jest.spyOn(store, method).mockResolvedValue(2 as never));
      expect(await adapter[method]()).toBe(method === 'sweep' ? 4 : undefined);
      for (const spy of spies) expect(spy).toHaveBeenCalledTimes(1);
      spies[1]?.mockRejectedValue(new Error('down'));
      await expect(adapter[method]()).rejects.toThrow('down');
    }
  });

  it('works with stores that have the four methods alone', async () => {
    const bare = (store: SessionAdapter): SessionAdapter => ({
      read: (...args) => store.read(...args),
      create: (...args) => store.create(...args),
      update: (...args) => store.update(...args),
      destroy: (...args) => store.destroy(...args),
    });
    const adapter = new MigratingAdapter(bare(from), bare(to));
    expect(await adapter.open()).toBeUndefined();
    expect(await adapter.ping()).toBeUndefined();
    expect(await adapter.sweep()).toBe(0);
    expect(await adapter.create('sess:a', 'data', 60)).toBe(true);
  });

  it('refuses what are not two adapters', () => {
    const refused = [
      () => new MigratingAdapter(from, from),
      () => new MigratingAdapter(from, {} as SessionAdapter),
      () => new MigratingAdapter(undefined as unknown as SessionAdapter, to),
      () => new MigratingAdapter(from, to, { writeTo: 'both' as 'to' }),
    ];
    for (const make of refused) expect(make).toThrow(InvalidSessionOptionsException);
  });

  describe('with sessions', () => {
    it('R20 keeps login, owner list and revocation over the rollout of each phase', async () => {
      const processes = {
        old: new UnitSessions(from),
        before: new UnitSessions(before),
        after: new UnitSessions(after),
        new: new UnitSessions(to),
      };
      const login = async (process: UnitSessions): Promise<string> => {
        const session = await process.open();
        session.set('cart', ['apple']);
        await session.login('kimbra');
        return session.id;
      };
      const pairs = [
        ['old', 'before'],
        ['before', 'after'],
        ['after', 'new'],
      ] as const;
      const ids = [await login(processes.old)];
      for (const pair of pairs) {
        for (const name of pair) ids.push(await login(processes[name]));
        if (pair[1] === 'new') break;
        for (const name of pair) {
          for (const id of ids) {
            const session = await processes[name].open(id);
            expect([name, session.owner, session.get('cart')]).toEqual([name, 'kimbra', ['apple']]);
          }
          expect(await processes[name].store.owned.list('kimbra')).toHaveLength(ids.length);
        }
      }
      expect(await processes.new.store.owned.revokeAll('kimbra', undefined)).toBe(ids.length);
      for (const id of ids) expect((await processes.after.open(id)).isNew).toBe(true);
    });

    it('R12 a slower request does not bring a session back that was destroyed', async () => {
      const [slow, other] = [new UnitSessions(before), new UnitSessions(after)];
      const { id } = await slow.stored({ n: 1 });
      const session = await slow.open(id);
      session.set('n', 2);
      await (await other.open(id)).destroy();
      await expect(session.save()).rejects.toThrow(SessionConflictException);
      expect((await other.open(id)).isNew).toBe(true);
      expect((await slow.open(id)).isNew).toBe(true);
    });
  });
});
