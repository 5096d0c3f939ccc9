import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  SessionConflictException,
  SessionNotStartedException,
  type SessionService,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { UnitSessions } from '../support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;
let elsewhere: UnitSessions;

const increment = (n = 0) => n + 1;

beforeEach(() => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  elsewhere = new UnitSessions(adapter);
});

describe('R13 a commit whose answer was lost', () => {
  let session: SessionService;

  beforeEach(async () => {
    const { id } = await sessions.stored({ n: 0 });
    session = await sessions.open(id);
    adapter.reset();
  });

  it('is not done twice when it was done', async () => {
    adapter.loseAnswers('update');
    expect(await session.update('n', increment)).toBe(1);
    expect(await storedValue('n')).toBe(1);
    expect(adapter.count('update')).toBe(1);
  });

  it('is done when it was not', async () => {
    adapter.failNext('update');
    expect(await session.update('n', increment)).toBe(1);
    expect(await storedValue('n')).toBe(1);
    expect(adapter.count('update')).toBe(2);
  });

  it('is done once when it was done and others wrote after it', async () => {
    adapter.planNext('update', async (execute) => {
      await execute();
      for (let write = 0; write < 40; write++) {
        const other = await elsewhere.open(session.id);
        await other.update('n', increment);
      }
      throw adapter.fault;
    });
    await session.update('n', increment);
    expect(await storedValue('n')).toBe(41);
  });

  it('is done on what others wrote when it was not done', async () => {
    adapter.planNext('update', async () => {
      const other = await elsewhere.open(session.id);
      await other.update('n', increment);
      throw adapter.fault;
    });
    expect(await session.update('n', increment)).toBe(2);
    expect(await storedValue('n')).toBe(2);
  });

  it('is found although the store said that the record was changed', async () => {
    adapter.planNext('update', async (execute) => {
      await execute();
      return execute();
    });
    expect(await session.update('n', increment)).toBe(1);
    expect(await storedValue('n')).toBe(1);
  });

  it('is a 503 when the store cannot be read to find out', async () => {
    adapter.loseAnswers('update');
    adapter.failNext('read');
    const failure = await failureOf(session.update('n', increment));
    expect(failure).toBeInstanceOf(SessionStoreUnavailableException);
    expect(failure).toMatchObject({ statusCode: 503, cause: adapter.fault });
    expect(failure.message).not.toContain('10.11.12.13');
  });

  it('goes on correctly after it was found', async () => {
    session.set('a', 1);
    adapter.loseAnswers('update');
    await session.save();
    session.set('b', 2);
    session.remove('a');
    await session.save();
    expect((await sessions.open(session.id)).toJSON()).toEqual({ stored: true, n: 0, b: 2 });
  });

  it('is given up after three faults, and its changes stay with the session', async () => {
    session.set('a', 1);
    adapter.failNext('update', 3);
    await expect(session.save()).rejects.toThrow(SessionStoreUnavailableException);
    expect(adapter.count('update')).toBe(3);
    expect(await storedValue('a')).toBeUndefined();
    await session.save();
    expect(await storedValue('a')).toBe(1);
  });

  it('is a conflict when the session has ended meanwhile', async () => {
    adapter.planNext('update', async () => {
      await adapter.destroy(session.key);
      throw adapter.fault;
    });
    session.set('a', 1);
    await expect(session.save()).rejects.toThrow(SessionConflictException);
  });

  it('is a conflict that cannot tell, when the session got a new id meanwhile', async () => {
    const other = await elsewhere.open(session.id);
    adapter.planNext('update', async (execute) => {
      await execute();
      await other.regenerateId();
      throw adapter.fault;
    });
    session.set('a', 1);
    const failure = await failureOf(session.save());
    expect(failure).toBeInstanceOf(SessionConflictException);
    expect(failure).toHaveProperty('message', expect.stringContaining('cannot be told'));
    expect((await sessions.open(other.id)).get('a')).toBe(1);
  });

  async function storedValue(name: string): Promise<unknown> {
    return (await sessions.open(session.id)).get(name);
  }
});

describe('R13 a session whose creation lost its answer', () => {
  it('is created once', async () => {
    const session = await sessions.open();
    session.set('n', 1);
    adapter.loseAnswers('create');
    await session.save();
    expect(adapter.count('create')).toBe(1);
    expect((await sessions.open(session.id)).toJSON()).toEqual({ n: 1 });
    await session.update('n', increment);
    expect((await sessions.open(session.id)).toJSON()).toEqual({ n: 2 });
  });

  it('is created under another id when it was not', async () => {
    const session = await sessions.open();
    session.set('n', 1);
    adapter.failNext('create', 2);
    await session.save();
    const keys = adapter.calls.filter(({ method }) => method === 'create').map((call) => call.key);
    expect(new Set(keys).size).toBe(3);
    expect(session.key).toBe(keys[2]);
  });

  it('is none when the store stays away, and begins later', async () => {
    const session = await sessions.open();
    session.set('n', 1);
    adapter.failNext('create', 3);
    await expect(session.save()).rejects.toThrow(SessionStoreUnavailableException);
    expect(session.id).toBe('');
    await session.save();
    expect((await sessions.open(session.id)).toJSON()).toEqual({ n: 1 });
  });

  it('R19 takes another id where the key is taken', async () => {
    const session = await sessions.open();
    session.set('n', 1);
    adapter.planNext('create', async () => false as never);
    await session.save();
    const [first, second] = adapter.calls.filter(({ method }) => method === 'create');
    expect(first?.key).not.toBe(second?.key);
    expect(session.key).toBe(second?.key);
  });
});

describe('R25 a store that is not there', () => {
  it('is no absence when it is read: the session does not start', async () => {
    const { id, key } = await sessions.stored({ n: 1 });
    adapter.reset();
    adapter.failNext('read');
    const request = sessions.request(id);
    await expect(request.start()).rejects.toThrow(SessionStoreUnavailableException);
    await expect(request.start()).rejects.toThrow(SessionStoreUnavailableException);
    expect([request.isStarted, request.id, adapter.count()]).toEqual([false, '', 1]);
    expect(() => request.get('n')).toThrow(SessionNotStartedException);
    expect(() => request.set('n', 2)).toThrow(SessionNotStartedException);
    expect(await adapter.peek(key)).toBeDefined();
  });

  it('is no absence when it is written: the session stays what it is', async () => {
    const { id, key } = await sessions.stored({ n: 1 });
    const session = await sessions.open(id);
    session.set('n', 2);
    adapter.failNext('update', 3);
    await expect(session.save()).rejects.toThrow(SessionStoreUnavailableException);
    expect([session.id, session.get('n'), adapter.count('destroy')]).toEqual([id, 2, 0]);
    expect(await adapter.peek(key)).toBeDefined();
  });

  it('does not end a session that it did not remove', async () => {
    const { id } = await sessions.stored({ n: 1 });
    const session = await sessions.open(id);
    session.set('pending', 1);
    adapter.failNext('destroy', 2);
    await expect(session.destroy()).rejects.toThrow(SessionStoreUnavailableException);
    expect([session.id, session.get('n'), session.get('pending')]).toEqual([id, 1, 1]);
    await session.save();
    expect((await sessions.open(id)).get('pending')).toBe(1);
  });

  it('is asked twice to remove, before it counts as failed', async () => {
    const { id } = await sessions.stored();
    const session = await sessions.open(id);
    adapter.failNext('destroy');
    await session.destroy();
    expect(session.id).toBe('');
  });
});
