import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  SessionConflictException,
  SessionLimitException,
  type SessionService,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { ownerKey } from '../../lib/record/ids.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { UnitSessions } from '../support/unit-session.js';

const OWNER = 'kimbra';

describe('R20 regenerateId(false), which makes a second session of one', () => {
  let adapter: CountingAdapter;
  let sessions: UnitSessions;
  let others: UnitSessions;
  let session: SessionService;
  let firstId: string;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter);
    others = new UnitSessions(adapter);
    session = await sessions.stored({ cart: 1 });
    await session.login(OWNER);
    firstId = session.id;
  });

  async function isOpen(id: string): Promise<boolean> {
    return (await others.store.peek(id)) !== undefined;
  }

  it.each([
    ['is about to list it', 'read'],
    ['has stored it', 'update'],
  ] as const)('is refused while it %s and all sessions are ended', async (_, method) => {
    if (method === 'update') adapter.planNext('update', (execute) => execute());
    const held = adapter.holdNext(method, ownerKey('sess:', OWNER));
    const copied = session.regenerateId(false);
    await held.arrived;
    await others.store.owned.revokeAll(OWNER, undefined);
    held.release();

    await expect(copied).rejects.toThrow(SessionConflictException);
    expect([await isOpen(firstId), await isOpen(session.id)]).toEqual([false, false]);
    expect(await others.store.owned.list(OWNER)).toEqual([]);
  });

  it('is refused where its owner may have no second session, and leaves the first one', async () => {
    const limited = new UnitSessions(adapter, { maxSessionsPerOwner: 1 });
    const only = await limited.open(firstId);
    await expect(only.regenerateId(false)).rejects.toThrow(SessionLimitException);
    expect([only.id, await isOpen(firstId)]).toEqual([firstId, true]);
  });

  it('makes room beside the first one, though that is the oldest', async () => {
    const limited = new UnitSessions(adapter, { maxSessionsPerOwner: 2 });
    const elsewhere = await limited.stored();
    await elsewhere.login(OWNER);
    const first = await limited.open(firstId);
    await first.regenerateId(false);
    const open = [firstId, first.id, elsewhere.id].map(isOpen);
    expect(await Promise.all(open)).toEqual([true, true, false]);
  });

  it('leaves no second session where the store does not say whether the first one lives', async () => {
    const held = adapter.holdNext('create');
    const copied = session.regenerateId(false);
    await held.arrived;
    adapter.planNext('read', () => Promise.reject(adapter.fault), session.key);
    held.release();

    await expect(copied).rejects.toThrow(SessionStoreUnavailableException);
    expect(session.id).toBe(firstId);
    const listed = await others.store.owned.list(OWNER);
    expect(listed.map(({ entry }) => entry.key)).toEqual([session.key]);
  });
});
