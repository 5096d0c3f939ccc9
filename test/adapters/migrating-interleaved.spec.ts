import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { MigratingAdapter } from '../../lib/adapters/migrating.adapter.js';
import type { SessionAdapter, StoredRecord } from '../../lib/adapters/session-adapter.js';
import { DyingProcess, ScheduledAdapter, WayTo } from '../support/ways-to-stores.js';

/** A process's way to its stores: it knows the old one alone, both, or the new one alone. */
type Kind = 'old' | 'before' | 'after' | 'new';

const KEY = 'sess:key';
const LONG = 60;

function waysTo(from: SessionAdapter, to: SessionAdapter): Record<Kind, SessionAdapter> {
  return {
    old: new KnowsNumbers(from),
    before: new MigratingAdapter(from, to, { writeTo: 'from' }),
    after: new MigratingAdapter(from, to),
    new: new KnowsNumbers(to),
  };
}

/** What stands in place of a record counts as none, as `RecordStore` has it. */
class KnowsNumbers extends WayTo {
  readonly #store: SessionAdapter;

  constructor(store: SessionAdapter) {
    super(store, (call) => call());
    this.#store = store;
  }

  override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const stored = await this.#store.read(key, ttl);
    return stored && /^\d+$/.test(stored.data) ? stored : undefined;
  }
}

/** Which processes may run together, and where a session may have begun then. */
const rollouts: readonly { readonly kinds: readonly Kind[]; readonly begunBy: readonly Kind[] }[] =
  [
    { kinds: ['old', 'before'], begunBy: ['old', 'before'] },
    { kinds: ['before', 'after'], begunBy: ['old', 'before', 'after'] },
    { kinds: ['after', 'new'], begunBy: ['after', 'new'] },
  ];

const anyRollout = fc.constantFrom(...rollouts).chain(({ kinds, begunBy }) =>
  fc.record({
    begunBy: fc.constantFrom(...begunBy),
    workers: fc.array(fc.constantFrom(...kinds), { minLength: 2, maxLength: 4 }),
  }),
);

/** Adds one, as often as it takes; whether there was something to add to. */
async function increment(adapter: SessionAdapter, ttl: number | undefined): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    const stored = await adapter.read(KEY, ttl);
    if (stored === undefined) return false;
    const next = String(Number(stored.data) + 1);
    if (await adapter.update(KEY, next, LONG, stored.version)) return true;
  }
  throw new Error('The newest version was refused again and again.');
}

describe('MigratingAdapter, in every order of the calls', () => {
  it('R11 loses no update of processes that may run together, and no session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), anyRollout, async (scheduler, { begunBy, workers }) => {
        const [from, to] = [new MemoryAdapter(), new MemoryAdapter()];
        expect(await waysTo(from, to)[begunBy].create(KEY, '0', LONG)).toBe(true);
        const ways = waysTo(
          new ScheduledAdapter(from, scheduler),
          new ScheduledAdapter(to, scheduler),
        );
        // A session that only the old store has is out of sight for who knows the new one alone.
        if (workers.includes('new')) await waysTo(from, to).after.read(KEY, LONG);
        const outcomes = await scheduler.waitFor(
          Promise.all(
            workers.map((kind, index) => increment(ways[kind], index % 2 ? LONG : undefined)),
          ),
        );
        expect(outcomes).toEqual(workers.map(() => true));
        for (const kind of workers) {
          expect((await waysTo(from, to)[kind].read(KEY))?.data).toBe(String(workers.length));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('R12 leaves nothing after a destroy, whoever reads and writes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), anyRollout, async (scheduler, { begunBy, workers }) => {
        const [from, to] = [new MemoryAdapter(), new MemoryAdapter()];
        await waysTo(from, to)[begunBy].create(KEY, '0', LONG);
        if (workers.includes('new')) await waysTo(from, to).after.read(KEY, LONG);
        const ways = waysTo(
          new ScheduledAdapter(from, scheduler),
          new ScheduledAdapter(to, scheduler),
        );
        const destroyer = workers.find((kind) => kind === 'before' || kind === 'after');
        fc.pre(destroyer !== undefined);
        await scheduler.waitFor(
          Promise.all([
            ways[destroyer].destroy(KEY),
            ...workers.map((kind) => increment(ways[kind], LONG).catch(() => false)),
          ]),
        );
        for (const kind of ['old', 'before', 'after'] as const) {
          expect([kind, await waysTo(from, to)[kind].read(KEY, LONG)]).toEqual([kind, undefined]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lets one of many creates win, which all then read', async () => {
    const anyWorkers = fc.array(fc.constantFrom<Kind>('before', 'after'), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), anyWorkers, async (scheduler, workers) => {
        const [from, to] = [new MemoryAdapter(), new MemoryAdapter()];
        const ways = waysTo(
          new ScheduledAdapter(from, scheduler),
          new ScheduledAdapter(to, scheduler),
        );
        const created = await scheduler.waitFor(
          Promise.all(workers.map((kind, index) => ways[kind].create(KEY, `${index}`, LONG))),
        );
        expect(created.filter(Boolean)).toHaveLength(1);
        for (const kind of ['before', 'after'] as const) {
          const read = await waysTo(from, to)[kind].read(KEY);
          expect(read?.data).toBe(String(created.indexOf(true)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('MigratingAdapter, when a process dies', () => {
  const dying = [true, false].flatMap((isDone) =>
    Array.from({ length: 7 }, (_, index) => [index + 1, isDone] as const),
  );

  it.each(dying)(
    'at its call %p (done: %p) no acknowledged state is lost',
    async (step, isDone) => {
      const [from, to] = [new MemoryAdapter(), new MemoryAdapter()];
      const process = new DyingProcess(step, isDone);
      await from.create(KEY, '0', LONG);
      const isAcknowledged = await increment(
        new MigratingAdapter(process.wayTo(from), process.wayTo(to)),
        LONG,
      ).catch(() => false);
      const others = waysTo(from, to);
      for (const kind of ['before', 'after'] as const) {
        const data = Number((await others[kind].read(KEY, LONG))?.data);
        expect(isAcknowledged ? [1] : [0, 1]).toContain(data);
      }
      const seen = Number((await others.after.read(KEY, LONG))?.data);
      expect(await increment(others.after, LONG)).toBe(true);
      expect((await others.before.read(KEY))?.data).toBe(String(seen + 1));
      await others.after.destroy(KEY);
      expect(await others.before.read(KEY, LONG)).toBeUndefined();
    },
  );
});
