import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionLimitException, SessionStoreUnavailableException } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { SessionLife } from '../../lib/store/session-life.js';
import type { OwnerLimit } from '../../lib/store/owner-room.js';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter, type HeldCall } from '../support/counting-adapter.js';

const OWNER = 'kimbra';
const RENEW_AFTER = 60;
const after = stopClock();

let memory: MemoryAdapter;
let adapter: CountingAdapter;

beforeEach(() => {
  memory = new MemoryAdapter();
  adapter = new CountingAdapter(memory);
});

function start(most: number, whenOwnerIsFull: OwnerLimit['whenOwnerIsFull']): SessionProcess {
  const limit = { maxSessionsPerOwner: most, whenOwnerIsFull };
  return startProcess(adapter, { ...limit, renewAfter: RENEW_AFTER });
}

describe('an owner whose session is listed under two ids, as while it gets a new one', () => {
  /** Begins the renewal of the owner's first session, whose new record stands by now. */
  async function renew(one: SessionProcess): Promise<{ held: HeldCall; renewed: Promise<string> }> {
    const begun = await beginSession(one, OWNER);
    after(RENEW_AFTER);
    const held = adapter.holdNext('update', begun.key);
    const renewed = answered(one, begun.id).then(({ id }) => id);
    await held.arrived;
    return { held, renewed };
  }

  it.each(['evict-oldest', 'reject'] as const)(
    'has one session, and may begin the second one of two (%s)',
    async (whenFull) => {
      const { held, renewed } = await renew(start(2, whenFull));
      const second = await beginSession(start(2, whenFull), OWNER);
      held.release();
      const ids = [await renewed, second.id];
      const open = ids.map((id) => opens(start(2, whenFull), id));
      expect(await Promise.all(open)).toEqual([true, true]);
    },
  );

  it('has no room for another one where one is allowed', async () => {
    const { held, renewed } = await renew(start(1, 'reject'));
    await expect(beginSession(start(1, 'reject'), OWNER)).rejects.toThrow(SessionLimitException);
    held.release();
    expect(await opens(start(1, 'reject'), await renewed)).toBe(true);
  });

  it('loses both where it has to go', async () => {
    const one = start(1, 'evict-oldest');
    const { held, renewed } = await renew(one);
    const next: SessionLife = await beginSession(start(1, 'evict-oldest'), OWNER);
    held.release();
    expect([await opens(one, await renewed), await opens(one, next.id)]).toEqual([false, true]);
    expect(await one.store.owned.list(OWNER)).toHaveLength(1);
  });
});

describe('a login that takes the place of the oldest session', () => {
  it('ends none where the store does not take its record', async () => {
    const one = start(1, 'evict-oldest');
    const first = await beginSession(one, OWNER);
    const visitor = await beginSession(one);
    adapter.failNext('create', 3);
    await expect(visitor.login(OWNER, [], undefined)).rejects.toThrow(
      SessionStoreUnavailableException,
    );
    expect(await opens(one, first.id)).toBe(true);
  });

  it('makes room where another one is on its way, which makes room itself then', async () => {
    const one = start(1, 'evict-oldest');
    const first = await beginSession(one, OWNER);
    const visitors = await Promise.all([beginSession(one), beginSession(one)]);
    const [slow, quick] = visitors;
    const record = adapter.holdNext('create');
    const slowly = slow.login(OWNER, [], undefined);
    await record.arrived;
    await quick.login(OWNER, [], undefined);
    expect([await opens(one, first.id), await opens(one, quick.id)]).toEqual([false, true]);
    record.release();
    await slowly;
    expect([await opens(one, quick.id), await opens(one, slow.id)]).toEqual([false, true]);
  });

  it('leaves one of two that come at once, where one is allowed', async () => {
    const processes = [start(1, 'evict-oldest'), start(1, 'evict-oldest')];
    for (let round = 0; round < 20; round++) {
      const logins = processes.map((process) => beginSession(process, OWNER));
      const ids = (await Promise.all(logins)).map(({ id }) => id);
      const open = await Promise.all(ids.map((id) => opens(start(1, 'evict-oldest'), id)));
      expect(open.filter(Boolean)).toHaveLength(1);
    }
  });
});

describe('a login whose process ends when its record is stored, so that nobody has its id', () => {
  async function endWithin(login: (process: SessionProcess) => Promise<unknown>): Promise<void> {
    const fragile = new CountingAdapter(memory);
    fragile.planNext('create', (execute) => execute());
    fragile.planNext('create', async (execute) => {
      const isCreated = await execute();
      fragile.isDown = true;
      return isCreated;
    });
    await expect(login(startProcess(fragile))).rejects.toThrow(SessionStoreUnavailableException);
  }

  it.each([
    ['evict-oldest', 2],
    ['reject', 3],
  ] as const)('does not count against others (%s)', async (whenFull, most) => {
    const running = start(most, whenFull);
    await beginSession(running, OWNER);
    const second = await beginSession(running, OWNER);
    await endWithin((process) => beginSession(process, OWNER));
    expect(await running.store.owned.list(OWNER)).toHaveLength(3);

    after(60);
    const next = await beginSession(running, OWNER);
    const listed = (await running.store.owned.list(OWNER)).map(({ entry }) => entry.key);
    expect(listed).toHaveLength(most);
    expect(listed).toEqual(expect.arrayContaining([second.key, next.key]));
  });
});
