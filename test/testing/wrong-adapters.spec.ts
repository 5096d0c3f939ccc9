import { beforeAll, describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordVersion, StoredRecord } from '../../lib/adapters/session-adapter.js';
import {
  ClosableAdapter,
  emptyStore,
  type Entry,
  failuresOfAny,
  SharedAdapter,
} from './shared-adapter.js';
import { failuresOf } from './suite-failures.js';

const MEMCACHED_DATES = 30 * 86_400;
const LONGEST_TIMER = 2 ** 31 / 1000;

/** Each has one fault, that all writers of one process together do not come upon. */
const WRONG = {
  'has a lock for its own process': class extends SharedAdapter {
    #turn: Promise<unknown> = Promise.resolve();
    override create(key: string, data: string, ttl: number): Promise<boolean> {
      return this.#inTurn(async () => {
        const isFree = this.live(key) === undefined;
        await nextTurn();
        return isFree && this.put(key, data, ttl);
      });
    }
    #inTurn<T>(task: () => Promise<T>): Promise<T> {
      const turn = this.#turn.then(task);
      this.#turn = turn.catch(() => {});
      return turn;
    }
  },
  'counts versions for itself': class extends SharedAdapter {
    #last = 0;
    protected override nextVersion(): RecordVersion {
      return ++this.#last;
    }
  },
  'keeps what it has read': class extends SharedAdapter {
    readonly #kept = new Map<string, Entry>();
    protected override live(key: string): Entry | undefined {
      const kept = this.#kept.get(key);
      if (kept && kept.expires > Date.now()) return kept;
      const entry = super.live(key);
      if (entry) this.#kept.set(key, entry);
      return entry;
    }
    protected override put(key: string, data: string, ttl: number): true {
      this.#kept.delete(key);
      return super.put(key, data, ttl);
    }
    override destroy(key: string): Promise<void> {
      this.#kept.delete(key);
      return super.destroy(key);
    }
  },
  'cuts keys off': class extends SharedAdapter {
    protected override nameOf(key: string): string {
      return key.slice(0, 200);
    }
  },
  'makes keys fit for files': class extends SharedAdapter {
    protected override nameOf(key: string): string {
      return key.replaceAll(/[^\w-]/g, '_');
    }
  },
  'destroys what begins with the key': class extends SharedAdapter {
    override async destroy(key: string): Promise<void> {
      for (const name of this.store.entries.keys()) {
        if (name.startsWith(key)) this.store.entries.delete(name);
      }
    }
  },
  'destroys what is like the key': class extends SharedAdapter {
    override async destroy(key: string): Promise<void> {
      const pattern = key
        .replaceAll(/[^\w%]/g, '\\$&')
        .replaceAll('_', '.')
        .replaceAll('%', '.*');
      for (const name of this.store.entries.keys()) {
        if (new RegExp(`^${pattern}$`).test(name)) this.store.entries.delete(name);
      }
    }
  },
  'takes a long life for a date': class extends SharedAdapter {
    protected override expiryIn(ttl: number): number {
      return ttl > MEMCACHED_DATES ? ttl * 1000 : super.expiryIn(ttl);
    }
  },
  'ends lives by timers': class extends SharedAdapter {
    protected override expiryIn(ttl: number): number {
      return super.expiryIn(ttl > LONGEST_TIMER ? 0.001 : ttl);
    }
  },
  'takes 0 for any version': class extends SharedAdapter {
    override async update(key: string, data: string, ttl: number, version: RecordVersion) {
      const wanted = version === 0 ? this.live(key)?.version : version;
      return wanted !== undefined && super.update(key, data, ttl, wanted);
    }
  },
  'updates what has expired': class extends SharedAdapter {
    override async update(key: string, data: string, ttl: number, version: RecordVersion) {
      const entry = this.store.entries.get(key);
      return entry?.version === version && this.put(key, data, ttl);
    }
  },
  'extends by writing what it has read': class extends SharedAdapter {
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      const entry = this.live(key);
      if (!entry || ttl === undefined) return entry;
      await nextTurn();
      if (this.live(key)) this.store.entries.set(key, { ...entry, expires: this.expiryIn(ttl) });
      return entry;
    }
  },
  'sweeps by the life that a record began with': class extends SharedAdapter {
    readonly #ends = new Map<string, number>();
    override async create(key: string, data: string, ttl: number): Promise<boolean> {
      const isCreated = await super.create(key, data, ttl);
      if (isCreated) this.#ends.set(key, this.expiryIn(ttl));
      return isCreated;
    }
    override async sweep(): Promise<number> {
      const ended = [...this.#ends].filter(([, end]) => end <= Date.now());
      for (const [key] of ended) await this.destroy(key);
      return ended.length;
    }
  },
  'sweeps what it has seen to be over, whatever became of it': class extends SharedAdapter {
    override async sweep(): Promise<number> {
      const { entries } = this.store;
      const ended = Array.from(entries).filter(([, { expires }]) => expires <= Date.now());
      await nextTurn();
      for (const [name] of ended) entries.delete(name);
      return ended.length;
    }
  },
  'refuses writes as overtaken once it is closed': class extends ClosableAdapter {
    override async update(key: string, data: string, ttl: number, version: RecordVersion) {
      return !this.isClosed && super.update(key, data, ttl, version);
    }
  },
  'calls every key taken once it is closed': class extends ClosableAdapter {
    override async create(key: string, data: string, ttl: number): Promise<boolean> {
      return !this.isClosed && super.create(key, data, ttl);
    }
  },
  'destroys nothing once it is closed, and does not say so': class extends ClosableAdapter {
    override async destroy(key: string): Promise<void> {
      if (!this.isClosed) await super.destroy(key);
    }
  },
  'never answers what is in flight when it is closed': class extends ClosableAdapter {
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      if (this.isClosed) throw new Error('It is closed.');
      await nextTurn();
      return this.isClosed ? new Promise(() => {}) : super.read(key, ttl);
    }
  },
  'calls absent what is in flight when it is closed': class extends ClosableAdapter {
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      if (this.isClosed) throw new Error('It is closed.');
      await nextTurn();
      return this.isClosed ? undefined : super.read(key, ttl);
    }
  },
} satisfies Record<string, typeof SharedAdapter>;

describe('describeSessionAdapter', () => {
  // All at once: most of the time of a run is waiting for lives to end.
  const failures = new Map<string, Promise<string[]>>();
  beforeAll(() => {
    for (const [fault, Wrong] of Object.entries(WRONG)) failures.set(fault, failuresOfAny(Wrong));
  });

  it('passes adapters that are right, on one store or each on its own', async () => {
    expect(await failuresOfAny(SharedAdapter)).toEqual([]);
  }, 20_000);

  it.each(Object.keys(WRONG))(
    'fails one that %s',
    async (fault) => {
      expect(await failures.get(fault)).toContainEqual(expect.any(String));
    },
    20_000,
  );

  it('asks one adapter alone where two do not see to each other, and says so', async () => {
    const Wrong = WRONG['has a lock for its own process'];
    const store = emptyStore();
    expect(await failuresOf(() => new Wrong(store), ['one-process'])).toEqual([]);
  }, 20_000);
});
