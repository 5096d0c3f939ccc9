import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionService } from 'nestjs-session-bag';
import { parseOwnerList } from '../../lib/record/owner-list.js';
import { ownerKey } from '../../lib/record/ids.js';
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

  it('does not make the list longer and longer', async () => {
    for (let exchange = 0; exchange < 20; exchange++) await present.regenerateId();
    const key = ownerKey('sess:', OWNER);
    const [entry] = parseOwnerList(key, (await adapter.peek(key))?.data ?? '');
    expect(entry?.key).toBe(present.key);
    expect(entry?.formerKeys).toHaveLength(8);
  });
});
