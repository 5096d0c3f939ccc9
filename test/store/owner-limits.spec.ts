import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionLimitException } from 'nestjs-session-bag';
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

let adapter: CountingAdapter;

beforeEach(() => {
  adapter = new CountingAdapter();
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
