import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionStoreUnavailableException, type SessionService } from 'nestjs-session-bag';
import { ownerKey } from '../../lib/record/ids.js';
import { CountingAdapter, type StoreMethod } from '../support/counting-adapter.js';
import { UnitSessions } from '../support/unit-session.js';

const OWNER = 'kimbra';

const exchanges: readonly [what: string, exchange: (session: SessionService) => Promise<void>][] = [
  ['regenerateId()', (session) => session.regenerateId()],
  ['a login of the same owner', (session) => session.login(OWNER)],
];

describe.each(['one process', 'two processes'])('R12 a logout in %s', (where) => {
  let adapter: CountingAdapter;
  let sessions: UnitSessions;
  let others: UnitSessions;
  /** The same session in two requests at once. */
  let leaving: SessionService;
  let exchanging: SessionService;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    sessions = new UnitSessions(adapter);
    others = where === 'one process' ? sessions : new UnitSessions(adapter);
    const { id } = await loggedIn();
    [leaving, exchanging] = await Promise.all([sessions.open(id), others.open(id)]);
  });

  async function loggedIn(): Promise<SessionService> {
    const session = await sessions.stored({ cart: 1 });
    await session.login(OWNER);
    return session;
  }

  async function variablesUnder(id: string): Promise<unknown> {
    return (await sessions.open(id)).toJSON();
  }

  function failTwice(method: StoreMethod, key: string): void {
    for (let call = 0; call < 2; call++) {
      adapter.planNext(method, () => Promise.reject(adapter.fault), key);
    }
  }

  it.each(exchanges)('ends what %s has meanwhile made of the session', async (_, exchange) => {
    const elsewhere = await loggedIn();
    await exchange(exchanging);
    await leaving.logout();
    expect(await variablesUnder(exchanging.id)).toEqual({});
    const listed = await sessions.store.owned.list(OWNER);
    expect(listed.map(({ entry }) => entry.key)).toEqual([elsewhere.key]);
    expect(await variablesUnder(elsewhere.id)).toMatchObject({ cart: 1 });
  });

  it.each(exchanges)('ends it while %s is on its way', async (_, exchange) => {
    const deletion = adapter.holdNext('destroy');
    const exchanged = exchange(exchanging);
    await deletion.arrived;
    const left = leaving.logout();
    deletion.release();
    await Promise.all([exchanged, left]);
    expect(await variablesUnder(exchanging.id)).toEqual({});
    expect(await sessions.store.owned.list(OWNER)).toEqual([]);
  });

  it('leaves a second session that was made of it', async () => {
    await exchanging.regenerateId(false);
    await leaving.logout();
    expect(await variablesUnder(exchanging.id)).toMatchObject({ cart: 1 });
  });

  it('is not acknowledged when the store does not let go of the new id', async () => {
    await exchanging.regenerateId();
    failTwice('destroy', exchanging.key);
    await expect(leaving.logout()).rejects.toThrow(SessionStoreUnavailableException);
  });

  it.each(['unread', 'corrupt'])(
    'is not acknowledged when the list, which may name a new id, is %s',
    async (what) => {
      await exchanging.regenerateId();
      const list = ownerKey('sess:', OWNER);
      if (what === 'unread') failTwice('read', list);
      else {
        const stored = await adapter.peek(list);
        await adapter.update(list, 'corrupt', 3600, stored?.version ?? '');
      }
      await expect(leaving.logout()).rejects.toThrow(SessionStoreUnavailableException);
    },
  );

  it('ends it though the list that names its new id is read only the second time', async () => {
    await exchanging.regenerateId();
    adapter.planNext('read', () => Promise.reject(adapter.fault), ownerKey('sess:', OWNER));
    await leaving.logout();
    expect(await variablesUnder(exchanging.id)).toEqual({});
  });

  it('is acknowledged though the list that names its new id cannot be changed', async () => {
    await exchanging.regenerateId();
    adapter.refuseUpdatesOf(ownerKey('sess:', OWNER));
    await leaving.logout();
    expect(await variablesUnder(exchanging.id)).toEqual({});
  });
});
