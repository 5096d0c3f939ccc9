import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  SessionConflictException,
  type SessionService,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { sessionKey } from '../../lib/record/ids.js';
import type { StoreCall } from '../../lib/testing/counting-adapter.js';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { pollUntil } from '../support/poll.js';
import { UnitSessions } from '../support/unit-session.js';

const IN_TIME = { within: 5000, what: 'the session is there again' };

let adapter: CountingAdapter;
let sessions: UnitSessions;
let id: string;

beforeEach(async () => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  ({ id } = await sessions.stored({ n: 1 }));
});

/** Runs a step while clocks differ from the true ones by so many milliseconds. */
async function atClocks<T>(
  wrongBy: { readonly Date?: number; readonly performance?: number },
  step: () => Promise<T>,
): Promise<T> {
  const time = Date.now.bind(Date);
  const passed = performance.now.bind(performance);
  const clocks = [
    jest.spyOn(Date, 'now').mockImplementation(() => time() + (wrongBy.Date ?? 0)),
    jest.spyOn(performance, 'now').mockImplementation(() => passed() + (wrongBy.performance ?? 0)),
  ];
  return step().finally(() => clocks.forEach((clock) => clock.mockRestore()));
}

function isSession({ key }: StoreCall): boolean {
  return !key.includes('owner:');
}

const moves: readonly [string, (session: SessionService) => Promise<void>][] = [
  ['a new id', (session) => session.regenerateId()],
  ['a login', (session) => session.login('kimbra', { drop: ['n'] })],
];

describe.each(moves)('R20 a store that goes down in the middle of %s', (_, move) => {
  /** The mark is set, its answer is lost, and the store is away from then on. */
  async function failMove(session: SessionService): Promise<void> {
    const loseMark: Plan = async (execute) => {
      await execute();
      adapter.isDown = true;
      throw adapter.fault;
    };
    adapter.planNext('update', loseMark, session.key);
    expect(await failureOf(move(session))).toBeInstanceOf(SessionStoreUnavailableException);
    adapter.isDown = false;
  }

  it('loses no session: the refused one is there again when the store is', async () => {
    const session = await sessions.open(id);
    await failMove(session);
    const next = await sessions.open(id);
    expect([next.id, next.owner, next.toJSON()]).toEqual([id, undefined, { stored: true, n: 1 }]);
    expect(await sessions.store.owned.list('kimbra')).toEqual([]);
  });

  it('leaves no second session behind', async () => {
    await failMove(await sessions.open(id));
    await sessions.open(id);
    const keys = new Set(adapter.calls.map(({ key }) => key));
    keys.delete(sessionKey('sess:', id));
    const records = [...keys].filter((key) => !key.includes('owner:'));
    expect(records).toHaveLength(1);
    for (const key of records) expect(await adapter.peek(key)).toBeUndefined();
  });

  it('leaves none behind, though the store does not remove it at once', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await hurried.open(id));
    const created = adapter.calls.findLast((call) => call.method === 'create' && isSession(call));
    adapter.failNext('destroy');
    expect((await hurried.open(id)).get('n')).toBe(1);
    await pollUntil(async () => !(await adapter.peek(created?.key ?? '')), IN_TIME);
    expect(await sessions.store.owned.list('kimbra')).toEqual([]);
  });

  it('lets the same request try again', async () => {
    const session = await sessions.open(id);
    session.set('pending', true);
    await failMove(session);
    await move(session);
    expect(session.id).not.toBe(id);
    expect((await sessions.open(session.id)).get('pending')).toBe(true);
    expect((await sessions.open(id)).toJSON()).toEqual({});
  });

  it('brings it back for other processes, too', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await hurried.open(id));
    // It is not there yet, and no request is told that it has ended.
    expect((await sessions.open(id)).get('n')).toBe(1);
  });

  it('brings it back for who is just reading it again with its own lifetime', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    const session = await hurried.open(id);
    await session.setLifetime(500).save();
    const failAfterRead: Plan = async (execute) => {
      const found = await execute();
      await failMove(session);
      return found;
    };
    adapter.planNext('read', failAfterRead, session.key);
    expect((await new UnitSessions(adapter).open(id)).get('n')).toBe(1);
  });

  it('is an end to all once another process has waited for too long', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await sessions.open(id));
    expect(await failureOf(hurried.open(id))).toBeInstanceOf(SessionStoreUnavailableException);
    const found = await pollUntil(() => hurried.open(id).catch(() => undefined), IN_TIME);
    expect(found.toJSON()).toEqual({});
    expect((await sessions.open(id)).toJSON()).toEqual({});
    expect(await sessions.store.owned.list('kimbra')).toEqual([]);
  });

  it('is none because the store was away for long', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await sessions.open(id));
    expect(await failureOf(hurried.open(id))).toBeInstanceOf(SessionStoreUnavailableException);
    const later = await atClocks({ performance: 60_000 }, () => failureOf(hurried.open(id)));
    expect(later).toBeInstanceOf(SessionStoreUnavailableException);
    expect((await sessions.open(id)).get('n')).toBe(1);
  });

  it('keeps no other session waiting that went down with it', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await hurried.open(id));
    adapter.refuseUpdatesOf(sessionKey('sess:', id));
    const other = await hurried.stored({ n: 2 });
    const { id: otherId } = other;
    await failMove(other);
    expect((await sessions.open(otherId)).get('n')).toBe(2);
  });

  it.each([-900_000, 900_000])('is none, though the clock is wrong by %i ms', async (wrongBy) => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    await failMove(await sessions.open(id));
    const failure = await atClocks({ Date: wrongBy }, () => failureOf(hurried.open(id)));
    expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
    expect((await sessions.open(id)).get('n')).toBe(1);
  });

  it('is refused for good, though the mark comes late', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 50 });
    const session = await hurried.open(id);
    const key = sessionKey('sess:', id);
    const before = (await adapter.peek(key))?.version;
    let comeLate: () => Promise<unknown> = () => Promise.resolve();
    const delayMark: Plan = (execute) => {
      comeLate = execute;
      adapter.isDown = true;
      return Promise.reject(adapter.fault);
    };
    adapter.planNext('update', delayMark, key);
    expect(await failureOf(move(session))).toBeInstanceOf(SessionStoreUnavailableException);
    adapter.isDown = false;
    await pollUntil(async () => (await adapter.peek(key))?.version !== before, IN_TIME);
    expect(await comeLate()).toBe(false);
    expect((await sessions.open(id)).get('n')).toBe(1);
  });

  it('brings nothing back that was ended meanwhile', async () => {
    await failMove(await sessions.open(id));
    await adapter.destroy(sessionKey('sess:', id));
    expect((await sessions.open(id)).toJSON()).toEqual({});
    expect(await adapter.peek(sessionKey('sess:', id))).toBeUndefined();
  });

  it('keeps what others have stored where the mark was not set', async () => {
    const session = await sessions.open(id);
    const refuseMark: Plan = () => {
      adapter.isDown = true;
      return Promise.reject(adapter.fault);
    };
    adapter.planNext('update', refuseMark, session.key);
    await failureOf(move(session));
    adapter.isDown = false;
    const other = await new UnitSessions(adapter).open(id);
    await other.update('n', () => 2);
    await pollUntil(async () => (await sessions.open(id)).get('n') === 2, IN_TIME);
  });
});

describe.each(moves)('R20 a parallel request while %s is under way', (_, move) => {
  it.each(['create', 'update'] as const)('is brought over, at the %s', async (method) => {
    const [moving, other] = await Promise.all([sessions.open(id), sessions.open(id)]);
    const held = adapter.holdNext(method, method === 'update' ? moving.key : undefined);
    const moved = move(moving);
    await held.arrived;
    expect(await other.update<number>('visits', (visits = 0) => visits + 1)).toBe(1);
    held.release();
    await moved;
    expect((await sessions.open(moving.id)).get('visits')).toBe(1);
    expect((await sessions.open(id)).toJSON()).toEqual({});
  });

  it('R12 is refused once the old id opens nothing, and told so', async () => {
    const [moving, other] = await Promise.all([sessions.open(id), sessions.open(id)]);
    const held = adapter.holdNext('destroy');
    const moved = move(moving);
    await held.arrived;
    const failure = await failureOf(other.update('visits', () => 1));
    held.release();
    await moved;
    expect(failure).toBeInstanceOf(SessionConflictException);
    expect((await sessions.open(moving.id)).has('visits')).toBe(false);
  });

  it('finds nothing under the old id, though the store does not remove it', async () => {
    adapter.failNext('destroy');
    await move(await sessions.open(id));
    expect((await sessions.open(id)).toJSON()).toEqual({});
    expect((await new UnitSessions(adapter).open(id)).toJSON()).toEqual({});
  });

  it('lets others know as soon as the store does, which does not remove it now', async () => {
    const impatient = new UnitSessions(adapter, { storeTimeout: 100 });
    adapter.failNext('destroy');
    adapter.planNext('update', (execute) => execute());
    adapter.failNext('update');
    await move(await impatient.open(id));
    expect((await new UnitSessions(adapter).open(id)).toJSON()).toEqual({});
  });

  it('finds nothing under the old id, as soon as that is removed', async () => {
    const moving = await sessions.open(id);
    const held = adapter.holdNext('destroy');
    const moved = move(moving);
    await held.arrived;
    const late = new UnitSessions(adapter).open(id);
    held.release();
    await moved;
    expect((await late).toJSON()).toEqual({});
  });

  it('does not keep it from coming to an end, however busy the session is', async () => {
    const moving = await sessions.open(id);
    const others = await Promise.all(Array.from({ length: 100 }, () => sessions.open(id)));
    let acknowledged = 0;
    const writes = others.map(async (other) => {
      await other.update<number>('visits', (visits = 0) => visits + 1);
      acknowledged++;
    });
    await move(moving);
    await Promise.allSettled(writes);
    expect((await sessions.open(moving.id)).get('visits') ?? 0).toBe(acknowledged);
  });
});

describe("R20 the owner's sessions are ended", () => {
  it('while a login brings over what a parallel request has stored: it is refused', async () => {
    const [moving, other] = await Promise.all([sessions.open(id), sessions.open(id)]);
    const mark = adapter.holdNext('update', moving.key);
    const login = failureOf(moving.login('kimbra'));
    await mark.arrived;
    await other.update('visits', () => 1);
    const overwrite = adapter.holdNext('update');
    mark.release();
    await overwrite.arrived;
    expect(await sessions.store.owned.revokeAll('kimbra', undefined)).toBe(1);
    overwrite.release();
    expect(await login).toBeInstanceOf(SessionConflictException);
    expect(await sessions.store.owned.list('kimbra')).toEqual([]);
    const next = await sessions.open(id);
    expect([next.owner, next.get('visits')]).toEqual([undefined, 1]);
  });
});
