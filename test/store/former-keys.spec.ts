import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionService } from 'nestjs-session-bag';
import {
  type OwnerEntry,
  parseOwnerList,
  serializeOwnerList,
} from '../../lib/record/owner-list.js';
import { ownerKey } from '../../lib/record/ids.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { UnitSessions } from '../support/unit-session.js';

const OWNER = 'kimbra';

describe('a session that has got a new id twice since a request began', () => {
  let adapter: CountingAdapter;
  let sessions: UnitSessions;
  let slow: SessionService;
  let present: SessionService;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter);
    const session = await sessions.stored({ cart: 1 });
    await session.login(OWNER);
    slow = await sessions.open(session.id);
    present = await sessions.open(session.id);
    await present.regenerateId();
    await present.regenerateId();
  });

  async function isOpen({ id }: SessionService): Promise<boolean> {
    return (await sessions.store.peek(id)) !== undefined;
  }

  async function elsewhere(): Promise<SessionService> {
    const session = await sessions.open();
    await session.login(OWNER);
    return session;
  }

  it('is the one that stays where that request ends all others', async () => {
    const other = await elsewhere();
    expect(await sessions.store.owned.revokeAll(OWNER, slow.key)).toBe(1);
    expect([await isOpen(present), await isOpen(other)]).toEqual([true, false]);
  });

  it('is the one that ends by the key that request knows, and no other', async () => {
    const other = await elsewhere();
    expect(await sessions.store.owned.revoke(OWNER, slow.key)).toBe(true);
    expect([await isOpen(present), await isOpen(other)]).toEqual([false, true]);
  });

  it('R12 ends by the logout of that request', async () => {
    await slow.logout();
    expect(await isOpen(present)).toBe(false);
    expect(await sessions.store.owned.list(OWNER)).toEqual([]);
  });
});

describe('a session that gets new ids all the time', () => {
  const after = stopClock();
  let adapter: CountingAdapter;
  let sessions: UnitSessions;
  let session: SessionService;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter);
    session = await sessions.stored();
    await session.login(OWNER);
  });

  async function listed(): Promise<OwnerEntry | undefined> {
    const key = ownerKey('sess:', OWNER);
    return parseOwnerList(key, (await adapter.peek(key))?.data ?? '').sessions[0];
  }

  async function exchange(times: number, everySeconds: number): Promise<void> {
    for (let exchanged = 1; exchanged <= times; exchanged++) {
      after(exchanged * everySeconds);
      await session.regenerateId();
    }
  }

  it('R12 ends by a logout that began nine of them before, some minutes ago', async () => {
    const slow = await sessions.open(session.id);
    await exchange(9, 60);
    await slow.logout();
    expect(await sessions.store.peek(session.id)).toBeUndefined();
  });

  it.each([
    ['eight in ten minutes or more', 120, 8],
    ['sixty-four', 1, 64],
  ])('does not make the list longer and longer: its entry knows %s', async (_, every, most) => {
    await exchange(80, every);
    const entry = await listed();
    expect(entry?.key).toBe(session.key);
    expect([entry?.formerKeys?.length, entry?.leftAt?.length]).toEqual([most, most]);
  });

  it('is known by the keys that a version before has listed without their times', async () => {
    await exchange(3, 1);
    const list = ownerKey('sess:', OWNER);
    const stored = await adapter.peek(list);
    const { sessions: entries } = parseOwnerList(list, stored?.data ?? '');
    const untimed = { sessions: entries.map((entry) => ({ ...entry, leftAt: undefined })) };
    await adapter.update(list, serializeOwnerList(list, untimed), 3600, stored?.version ?? '');
    const slow = await sessions.open(session.id);
    const before = entries[0]?.formerKeys ?? [];
    await exchange(2, 60);
    expect((await listed())?.formerKeys).toEqual(expect.arrayContaining([...before, slow.key]));
  });
});
