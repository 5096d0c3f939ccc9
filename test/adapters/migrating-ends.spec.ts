import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { movedNote, movingNote } from '../../lib/adapters/migrating/note.js';
import { MigratingAdapter } from '../../lib/adapters/migrating.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { beginSession, opens, startProcess } from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { DyingProcess, ScheduledAdapter } from '../support/ways-to-stores.js';

const KEY = 'sess:key';
const LONG = 3600;
const after = stopClock();

type Fill = (from: SessionAdapter, to: SessionAdapter) => Promise<unknown>;

/** What can stand in the two stores while a session lives. */
const states: Record<string, Fill> = {
  'not moved': (from) => from.create(KEY, '0', LONG),
  'on its way': (from) => from.create(KEY, moving('0'), LONG),
  'moved, and a copy is left': async (from, to) => {
    await from.create(KEY, moving('0'), LONG);
    await to.create(KEY, '0', LONG);
  },
  'moved a moment ago': async (from, to) => {
    await from.create(KEY, movedNote, 60);
    await to.create(KEY, '0', LONG);
  },
  moved: (_, to) => to.create(KEY, '0', LONG),
};
const stateNames = Object.keys(states);
const homes = ['from', 'to'] as const;

function moving(data: string): string {
  return movingNote(data, Date.now() + LONG * 1000);
}

async function filled(name: string): Promise<[MemoryAdapter, MemoryAdapter]> {
  const stores: [MemoryAdapter, MemoryAdapter] = [new MemoryAdapter(), new MemoryAdapter()];
  await states[name]?.(...stores);
  return stores;
}

/** For processes of either step of a rollout, without changing anything. */
function seenBy(from: SessionAdapter, to: SessionAdapter): Promise<boolean[]> {
  const seen = homes.map((writeTo) => new MigratingAdapter(from, to, { writeTo }).read(KEY));
  return Promise.all(seen.map(async (read) => (await read) !== undefined));
}

describe('MigratingAdapter, where a record is ended and a store fails', () => {
  const faults = stateNames.flatMap((name) =>
    homes.flatMap((writeTo) => [true, false].map((isDone) => [name, writeTo, isDone] as const)),
  );

  it.each(faults)(
    'R12 a record (%s, writeTo: %s) is there or gone for good, wherever the process dies (done: %s)',
    async (name, writeTo, isDone) => {
      for (let step = 1, isOver = false; !isOver; step++) {
        after(0);
        const stores = await filled(name);
        const process = new DyingProcess(step, isDone);
        const [from, to] = [process.wayTo(stores[0]), process.wayTo(stores[1])];
        const ending = new MigratingAdapter(from, to, { writeTo }).destroy(KEY);
        const isAcknowledged = await ending.then(
          () => true,
          () => false,
        );
        const [atOnce, toOthers] = await seenBy(...stores);
        expect([name, step, toOthers]).toEqual([name, step, atOnce]);
        expect([name, step, isAcknowledged && atOnce]).toEqual([name, step, false]);
        after(61);
        expect([name, step, await seenBy(...stores)]).toEqual([name, step, [atOnce, atOnce]]);
        isOver = process.isAlive;
      }
    },
  );

  it('R12 it stays so, whoever brings the record over meanwhile', async () => {
    const cases = fc.record({
      name: fc.constantFrom(...stateNames),
      step: fc.integer({ min: 1, max: 12 }),
      isDone: fc.boolean(),
      readers: fc.array(fc.constantFrom(...homes), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        cases,
        async (scheduler, { name, step, isDone, readers }) => {
          after(0);
          const stores = await filled(name);
          const from = new ScheduledAdapter(stores[0], scheduler);
          const to = new ScheduledAdapter(stores[1], scheduler);
          const process = new DyingProcess(step, isDone);
          const ending = new MigratingAdapter(process.wayTo(from), process.wayTo(to)).destroy(KEY);
          const isAcknowledged = ending.then(
            () => true,
            () => false,
          );
          const reading = readers.map((writeTo) =>
            new MigratingAdapter(from, to, { writeTo }).read(KEY, LONG),
          );
          await scheduler.waitFor(Promise.all([isAcknowledged, ...reading]));
          const [atOnce] = await seenBy(...stores);
          expect((await isAcknowledged) && atOnce).toBe(false);
          after(61);
          expect(await seenBy(...stores)).toEqual([atOnce, atOnce]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a session that moves to another store, whose old store fails', () => {
  /** The session is in the new store; the note in the old one could not be emptied. */
  async function withLeftCopy(options = {}) {
    const [from, to] = [new CountingAdapter(), new CountingAdapter()];
    const begun = await beginSession(startProcess(from), 'kimbra');
    const process = startProcess(new MigratingAdapter(from, to), options);
    from.planNext('update', (execute) => execute());
    from.failNext('update');
    await expect(process.visit(begun.id)).rejects.toThrow(SessionStoreUnavailableException);
    expect(await opens(process, begun.id)).toBe(true);
    return { from, process, session: await process.visit(begun.id) };
  }

  it.each([{}, { renewAfter: 600 }])('R12 a logout ends it for good: %j', async (options) => {
    const { from, process, session } = await withLeftCopy(options);
    const { id } = session;
    from.failNext('destroy', 2);
    await session.destroy();
    for (const seconds of [0, 61]) {
      after(seconds);
      expect(await opens(process, id)).toBe(false);
    }
  });

  it.each(['destroy', 'login'] as const)(
    'R12 R20 nothing comes back under the id after a %s while it is away',
    async (method) => {
      const { from, process, session } = await withLeftCopy({ renewAfter: 600 });
      const { id } = session;
      const { key } = session;
      for (let call = 0; call < 2; call++) {
        from.planNext('read', () => Promise.reject(from.fault), key);
      }
      await (method === 'login' ? session.login('kimbra', [], undefined) : session.destroy());
      for (const seconds of [0, 61]) {
        after(seconds);
        expect(await opens(process, id)).toBe(false);
      }
    },
  );

  it('R25 a logout that was refused leaves it as it was', async () => {
    const { from, process, session } = await withLeftCopy();
    from.failNext('read', 2);
    await expect(session.destroy()).rejects.toThrow(SessionStoreUnavailableException);
    for (const seconds of [0, 61]) {
      after(seconds);
      expect(await opens(process, session.id)).toBe(true);
    }
  });

  it('R25 a logout of one that has not moved does not hide it for a while', async () => {
    const [from, to] = [new CountingAdapter(), new CountingAdapter()];
    const { id } = await beginSession(startProcess(from), 'kimbra');
    const [leaver, others] = homes.map((writeTo) =>
      startProcess(new MigratingAdapter(from, to, { writeTo })),
    );
    const leaving = await leaver?.visit(id);
    from.failNext('update', 2);
    await expect(leaving?.destroy()).rejects.toThrow(SessionStoreUnavailableException);
    for (const seconds of [0, 61]) {
      after(seconds);
      expect(await others?.store.peek(id)).toBeDefined();
    }
  });
});
