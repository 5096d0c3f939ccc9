import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { NoopAdapter } from '../../lib/adapters/noop.adapter.js';
import type { RecordVersion, StoredRecord } from '../../lib/adapters/session-adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { casesOf, failuresOf } from './suite-failures.js';

/** Hundreds of adapters are made here, and the store of each takes its room at once. */
const SMALL = { maxSessions: 100 };

/** Faults that authors of adapters make, each in an adapter that is right otherwise. */
const FAULTY = {
  'reads null for what is not there': class extends MemoryAdapter {
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      return (await super.read(key, ttl)) ?? (null as unknown as undefined);
    }
  },
  'creates over what is there': class extends MemoryAdapter {
    override async create(key: string, data: string, ttl: number): Promise<boolean> {
      await super.destroy(key);
      return super.create(key, data, ttl);
    }
  },
  'looks, waits, and then creates': class extends MemoryAdapter {
    override async create(key: string, data: string, ttl: number): Promise<boolean> {
      const isFree = (await super.read(key)) === undefined;
      if (isFree) await super.create(key, data, ttl);
      return isFree;
    }
  },
  'does not compare versions': class extends MemoryAdapter {
    override async update(key: string, data: string, ttl: number): Promise<boolean> {
      for (;;) {
        const current = await super.read(key);
        if (!current) return false;
        if (await super.update(key, data, ttl, current.version)) return true;
      }
    }
  },
  'brings back what is gone': class extends MemoryAdapter {
    override async update(
      key: string,
      data: string,
      ttl: number,
      version: RecordVersion,
    ): Promise<boolean> {
      return (await super.update(key, data, ttl, version)) || super.create(key, data, ttl);
    }
  },
  'takes the data for the version': class extends MemoryAdapter {
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      const record = await super.read(key, ttl);
      return record && { data: record.data, version: record.data };
    }
    override async update(
      key: string,
      data: string,
      ttl: number,
      version: RecordVersion,
    ): Promise<boolean> {
      const current = await super.read(key);
      return current?.data === version && super.update(key, data, ttl, current.version);
    }
  },
  'never ends a life': class extends MemoryAdapter {
    override create(key: string, data: string): Promise<boolean> {
      return super.create(key, data, 3600);
    }
  },
  'ends a life too early': class extends MemoryAdapter {
    override create(key: string, data: string, ttl: number): Promise<boolean> {
      return super.create(key, data, ttl / 1000);
    }
  },
  'does not extend when it reads': class extends MemoryAdapter {
    override read(key: string): Promise<StoredRecord | undefined> {
      return super.read(key);
    }
  },
  'extends at each read': class extends MemoryAdapter {
    override read(key: string, ttl = 60): Promise<StoredRecord | undefined> {
      return super.read(key, ttl);
    }
  },
  'trims the data': class extends MemoryAdapter {
    override create(key: string, data: string, ttl: number): Promise<boolean> {
      return super.create(key, data.trim(), ttl);
    }
  },
  'folds the case of keys': class extends MemoryAdapter {
    override create(key: string, data: string, ttl: number): Promise<boolean> {
      return super.create(key.toLowerCase(), data, ttl);
    }
    override read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      return super.read(key.toLowerCase(), ttl);
    }
  },
  'sweeps everything': class extends MemoryAdapter {
    readonly #keys = new Set<string>();
    override create(key: string, data: string, ttl: number): Promise<boolean> {
      this.#keys.add(key);
      return super.create(key, data, ttl);
    }
    override async sweep(): Promise<number> {
      for (const key of this.#keys) await super.destroy(key);
      return this.#keys.size;
    }
  },
  'is empty after it was closed': class extends MemoryAdapter {
    #closed = false;
    override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
      return this.#closed ? undefined : super.read(key, ttl);
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  },
} satisfies Record<string, typeof MemoryAdapter>;

describe('describeSessionAdapter', () => {
  // All at once: most of the time of a run is waiting for lives to end.
  const failures = new Map<string, Promise<string[]>>();
  beforeAll(() => {
    for (const [fault, Faulty] of Object.entries(FAULTY)) {
      failures.set(
        fault,
        failuresOf(() => new Faulty(SMALL)),
      );
    }
  });

  it('passes an adapter that is right', async () => {
    expect(await failuresOf(() => new MemoryAdapter(SMALL))).toEqual([]);
  }, 20_000);

  it.each(Object.keys(FAULTY))(
    'fails an adapter that %s',
    async (fault) => {
      expect(await failures.get(fault)).toContainEqual(expect.any(String));
    },
    20_000,
  );

  it('asserts the opposite where the adapter has a limit, and says so in the titles', async () => {
    const cases = casesOf(() => new NoopAdapter(), ['forgets']);
    const limited = cases.filter(({ title }) => title.endsWith(' (limit: forgets)'));
    expect(limited.length).toBeGreaterThan(cases.length / 2);
    expect(await failuresOf(() => new NoopAdapter(), ['forgets'])).toEqual([]);
    expect(await failuresOf(() => new MemoryAdapter(SMALL), ['forgets'])).toEqual(
      limited.map(({ title }) => title),
    );
  }, 20_000);

  it('asserts that the later write stays where a store cannot compare', async () => {
    const Last = FAULTY['does not compare versions'];
    expect(await failuresOf(() => new Last(SMALL), ['no-compare-and-swap'])).toEqual([]);
    expect(await failuresOf(() => new MemoryAdapter(SMALL), ['no-compare-and-swap'])).not.toEqual(
      [],
    );
  }, 20_000);

  it('opens and closes an adapter for each case', async () => {
    const calls: string[] = [];
    class Counted extends MemoryAdapter {
      override async open(): Promise<void> {
        calls.push('open');
      }
      override async close(): Promise<void> {
        calls.push('close');
      }
    }
    const [first] = casesOf(async () => new Counted(SMALL));
    await first?.body();
    expect(calls).toEqual(['open', 'close']);
  });

  it('says what is missing where a test runner has no globals', () => {
    expect(() => describeSessionAdapter('memory', () => new MemoryAdapter())).toThrow(/node:test/);
  });
});
