import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionConflictException, type SessionService } from 'nestjs-session-bag';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { UnitSessions } from '../support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;
let id: string;
let key: string;
let slow: SessionService;

type End = (other: SessionService) => Promise<unknown>;

const ends: readonly [string, End][] = [
  ['was destroyed', (other) => other.destroy()],
  ['got a new id', (other) => other.regenerateId()],
  ['was logged in', (other) => other.login('kimbra')],
  ['has vanished from the store', () => adapter.destroy(key)],
  ['has outlived its absolute lifetime', async () => laterBy(86_400_000)],
];

beforeEach(async () => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  ({ id, key } = await sessions.stored({ n: 1 }));
  slow = await sessions.open(id);
});

describe.each(ends)('R12 a session that %s while a request ran', (_, end) => {
  beforeEach(async () => {
    const other = await sessions.open(id);
    await end(other);
    adapter.reset();
  });

  it('rejects save() when there is something to store, again and again', async () => {
    slow.set('n', 2);
    for (const attempt of [1, 2]) {
      const failure = await failureOf(slow.save());
      expect([attempt, failure]).toEqual([attempt, expect.any(SessionConflictException)]);
      expect(failure).toMatchObject({ statusCode: 409, expose: false });
    }
    await expectGone();
  });

  it('rejects update(), also in a bag', async () => {
    await expect(slow.update<number>('n', (n = 0) => n + 1)).rejects.toThrow(
      SessionConflictException,
    );
    await expect(slow.bag('user').update('n', () => 1)).rejects.toThrow(SessionConflictException);
    await expectGone();
  });

  it('rejects a new id', async () => {
    await expect(slow.regenerateId()).rejects.toThrow(SessionConflictException);
    await expect(slow.login('mallory')).rejects.toThrow(SessionConflictException);
    await expectGone();
  });

  it('does no harm to a request that only reads', async () => {
    expect(slow.get('n')).toBe(1);
    await slow.save();
    expect(adapter.count()).toBe(0);
  });

  it('is not brought back by a later request either', async () => {
    const late = await sessions.open(id);
    expect([late.id, late.isNew, late.size]).toEqual(['', true, 0]);
    await expectGone();
  });

  it('lets destroy() go through, and what follows is a new session', async () => {
    slow.set('n', 2);
    await failureOf(slow.save());
    await slow.destroy();
    expect([slow.id, slow.size]).toEqual(['', 0]);
    slow.set('fresh', true);
    await slow.save();
    expect(slow.id).toHaveLength(43);
    expect(slow.id).not.toBe(id);
    expect((await sessions.open(slow.id)).toJSON()).toEqual({ fresh: true });
    await expectGone();
  });
});

describe('R12 in another process', () => {
  it('a session is as gone', async () => {
    const elsewhere = new UnitSessions(adapter);
    await (await elsewhere.open(id)).destroy();
    slow.set('n', 2);
    await expect(slow.save()).rejects.toThrow(SessionConflictException);
    await expectGone();
  });

  it('a session that ends between the failed swap and the retry stays gone', async () => {
    const elsewhere = await new UnitSessions(adapter).open(id);
    adapter.planNext('update', async (execute) => {
      elsewhere.set('other', 1);
      await elsewhere.save();
      return execute();
    });
    adapter.planNext('update', (execute) => execute());
    adapter.planNext('read', async (execute) => {
      await adapter.destroy(key);
      return execute();
    });
    slow.set('n', 2);
    await expect(slow.save()).rejects.toThrow(SessionConflictException);
    await expectGone();
  });
});

async function expectGone(): Promise<void> {
  expect((await sessions.open(id)).toJSON()).toEqual({});
  const left = await adapter.peek(key);
  expect(left?.data.includes('"n"') ?? false).toBe(false);
}

function laterBy(milliseconds: number): void {
  const now = Date.now() + milliseconds;
  jest.spyOn(Date, 'now').mockReturnValue(now);
}
