import { describe } from '@jest/globals';
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordVersion, StoredRecord } from '../../lib/adapters/session-adapter.js';
import { itTogether } from '../support/it-together.js';
import { ClosableAdapter, emptyStore, SharedAdapter } from './shared-adapter.js';
import { casesOf, reasonsOf } from './suite-failures.js';

const LARGEST = 400_000;
/** Milliseconds. */
const COLD_START = 1100;

/** A store with a largest size, as DynamoDB and etcd have it. */
class SmallAdapter extends SharedAdapter {
  override async create(key: string, data: string, ttl: number): Promise<boolean> {
    return data.length <= LARGEST ? super.create(key, data, ttl) : this.refuse(key);
  }
  override async update(key: string, data: string, ttl: number, version: RecordVersion) {
    return data.length <= LARGEST ? super.update(key, data, ttl, version) : this.refuse(key);
  }
  protected async refuse(_key: string): Promise<boolean> {
    throw new Error('An item has 400,000 bytes at the most.');
  }
}

/** Each with what the suite has to say of it. */
const WRONG: readonly (readonly [string, typeof SharedAdapter, RegExp])[] = [
  [
    'takes every failure for a conflict',
    class extends SmallAdapter {
      protected override async refuse(): Promise<boolean> {
        return false;
      }
    },
    /has to be rejected, and the answer was false/,
  ],
  [
    'removes what was there where it cannot keep what comes',
    class extends SmallAdapter {
      protected override async refuse(key: string): Promise<boolean> {
        await this.destroy(key);
        return super.refuse(key);
      }
    },
    /a record that was stored is not found/,
  ],
  [
    'sweeps what others have stored',
    class extends SharedAdapter {
      readonly #own = new Set<string>();
      override async create(key: string, data: string, ttl: number): Promise<boolean> {
        this.#own.add(key);
        return super.create(key, data, ttl);
      }
      override async sweep(): Promise<number> {
        const { entries } = this.store;
        const left = Array.from(entries.keys()).filter((key) => !this.#own.has(key));
        for (const key of left) entries.delete(key);
        return left.length;
      }
    },
    /a record that was stored is not found/,
  ],
  [
    'does not wait for its writes, which fail once it is closed',
    class extends ClosableAdapter {
      override async update(key: string, data: string, ttl: number, version: RecordVersion) {
        if (!this.isClosed) return super.update(key, data, ttl, version);
        return this.live(key)?.version === version;
      }
    },
    /a closed adapter has not stored what it said/,
  ],
  [
    'answers without promises',
    class extends SharedAdapter {
      override read(key: string): Promise<StoredRecord | undefined> {
        return this.live(key) as unknown as Promise<StoredRecord | undefined>;
      }
    },
    /read has to give a promise/,
  ],
  [
    'gives what its driver answers',
    class extends SharedAdapter {
      override async update(key: string, data: string, ttl: number, version: RecordVersion) {
        const changed = Number(await super.update(key, data, ttl, version));
        return changed as unknown as boolean;
      }
    },
    /update has to give true for the newest version, and gave 1/,
  ],
  [
    'gives an object as the version',
    class extends SharedAdapter {
      protected override nextVersion(): RecordVersion {
        return { of: ++this.store.version } as unknown as RecordVersion;
      }
    },
    /a version has to be a string or a number/,
  ],
];

describe('describeSessionAdapter', () => {
  const it = itTogether();

  for (const [fault, Wrong, message] of WRONG) {
    it(`refuses one that ${fault}, and says so`, async () => {
      const shared = emptyStore();
      const [together, apart] = await Promise.all([
        reasonsOf(() => new Wrong(shared)),
        reasonsOf(() => new Wrong(emptyStore())),
      ]);
      assert.match([...together.values(), ...apart.values()].join('\n'), message);
    });
  }

  it('passes one whose store takes no large records, and says so by rejecting', async () => {
    const store = emptyStore();
    assert.deepEqual(await reasonsOf(() => new SmallAdapter(store)), new Map());
  });

  it('passes one whose first answer takes longer than a short life', async () => {
    const store = emptyStore();
    class SlowAtFirstAdapter extends SharedAdapter {
      #isWarm = false;
      override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
        if (!this.#isWarm) await delay(COLD_START);
        this.#isWarm = true;
        return super.read(key, ttl);
      }
    }
    assert.deepEqual(await reasonsOf(() => new SlowAtFirstAdapter(store)), new Map());
  });

  it('passes one whose store is emptied before each adapter is made', async () => {
    const emptying = casesOf(() => new SharedAdapter(emptyStore())).map(async (_, index) => {
      const store = emptyStore();
      const cases = casesOf(() => {
        store.entries.clear();
        return new SharedAdapter(store);
      });
      await cases[index]?.body();
    });
    await Promise.all(emptying);
  });

  it('passes one that throws where it could reject, once it is closed', async () => {
    const store = emptyStore();
    class ThrowingAdapter extends ClosableAdapter {
      override read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
        if (this.isClosed) throw new Error('The connection is closed.');
        return super.read(key, ttl);
      }
    }
    assert.deepEqual(await reasonsOf(() => new ThrowingAdapter(store)), new Map());
  });

  it('says why an adapter could not be opened, where that one cannot be closed either', async () => {
    class UnreachableAdapter extends SharedAdapter {
      override async open(): Promise<void> {
        throw new Error('Nobody listens there.');
      }
      override async close(): Promise<void> {
        throw new Error('It is not open.');
      }
    }
    const reasons = await reasonsOf(() => new UnreachableAdapter(emptyStore()));
    assert.deepEqual(new Set(reasons.values()), new Set(['Nobody listens there.']));
  });
});
