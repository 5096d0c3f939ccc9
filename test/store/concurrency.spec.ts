import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  SessionHeadersSentException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from 'nestjs-session-bag';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { startStopwatch } from '../support/stopwatch.js';
import { UnitSessions } from '../support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;

const increment = (n = 0) => n + 1;

beforeEach(() => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
});

describe('R11 commits at the same time', () => {
  it('lose nothing when they change different variables', async () => {
    const { id } = await sessions.stored();
    const requests = await opened(id, 10);
    requests.forEach((session, index) => session.set(`v${index}`, index));
    await Promise.all(requests.map((session) => session.save()));
    const expected = Object.fromEntries(requests.map((_, index) => [`v${index}`, index]));
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true, ...expected });
  });

  it('lose nothing when they change different properties of one bag', async () => {
    const { id } = await sessions.stored({ user: { name: 'K', age: 1 } });
    const [first, second] = await opened(id, 2);
    first?.bag('user').set('age', 22);
    second?.bag('user').set('email', 'k@example.org').remove('name');
    await Promise.all([first?.save(), second?.save()]);
    expect((await sessions.open(id)).get('user')).toEqual({ age: 22, email: 'k@example.org' });
  });

  it('queue within a process, so that no swap is tried in vain', async () => {
    const { id } = await sessions.stored({ n: 0 });
    const requests = await opened(id, 50);
    adapter.reset();
    await Promise.all(requests.map((session) => session.update('n', increment)));
    expect((await sessions.open(id)).get('n')).toBe(50);
    expect(adapter.count('update')).toBe(50);
  });

  it('of several processes drift apart until all are through', async () => {
    const { id } = await sessions.stored({ n: 0 });
    const processes = Array.from({ length: 4 }, () => new UnitSessions(adapter));
    const requests = await Promise.all(
      processes.flatMap((process) => Array.from({ length: 10 }, () => process.open(id))),
    );
    await Promise.all(requests.map((session) => session.update('n', increment)));
    expect((await sessions.open(id)).get('n')).toBe(40);
  });

  it('are given up when the time is spent, and nothing is stored', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 40 });
    const { id } = await hurried.stored({ n: 0 });
    const session = await hurried.open(id);
    for (let swap = 0; swap < 1000; swap++) adapter.planNext('update', async () => false as never);
    const time = startStopwatch();
    await expect(session.update('n', increment)).rejects.toThrow(SessionStoreUnavailableException);
    expect(time()).toBeLessThan(1000);
    expect((await sessions.open(id)).get('n')).toBe(0);
  });

  it('do not wait for one that hangs beyond their time, and the next ones go on', async () => {
    const hurried = new UnitSessions(adapter, { storeTimeout: 200 });
    const { id } = await hurried.stored({ n: 0 });
    const [hanging, waiting] = await Promise.all([hurried.open(id), hurried.open(id)]);
    let isHanging = true;
    adapter.planNext('update', function hang(execute) {
      if (!isHanging) return execute();
      adapter.planNext('update', hang);
      return new Promise(() => {});
    });
    const failures = await Promise.all([
      failureOf(hanging.update('n', increment)),
      failureOf(waiting.update('n', increment)),
    ]);
    expect(failures).toEqual(failures.map(() => expect.any(SessionStoreUnavailableException)));
    isHanging = false;
    const later = await hurried.open(id);
    expect(await later.update('n', increment)).toBe(1);
  });
});

describe('update()', () => {
  it('gets the newest value and commits what is pending in the same swap', async () => {
    const { id } = await sessions.stored({ n: 1 });
    const [session, other] = await opened(id, 2);
    await other?.update('n', () => 10);
    session?.set('pending', true);
    adapter.reset();
    expect(await session?.update('n', increment)).toBe(11);
    expect(adapter.count('update')).toBeLessThanOrEqual(2);
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true, n: 11, pending: true });
    adapter.reset();
    await session?.save();
    expect(adapter.count()).toBe(0);
  });

  it('runs its function again on a newer value', async () => {
    const { id } = await sessions.stored({ n: 1 });
    const session = await sessions.open(id);
    const other = await new UnitSessions(adapter).open(id);
    const seen: unknown[] = [];
    adapter.planNext('update', async (execute) => {
      await other.update('n', () => 5);
      return execute();
    });
    await session.update<number>('n', (n) => {
      seen.push(n);
      return increment(n);
    });
    expect(seen).toEqual([1, 5]);
    expect(session.get('n')).toBe(6);
  });

  it('removes with undefined, and begins no session with it', async () => {
    const { id } = await sessions.stored({ n: 1, user: { n: 1 } });
    const session = await sessions.open(id);
    expect(await session.update('n', () => undefined)).toBeUndefined();
    await session.bag('user').update('n', () => undefined);
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true });
    adapter.reset();
    const fresh = await sessions.open();
    await fresh.update('n', () => undefined);
    expect([fresh.id, adapter.count()]).toEqual(['', 0]);
  });

  it('begins a session with its first value', async () => {
    const session = await sessions.open();
    session.set('pending', true);
    expect(await session.update('n', increment)).toBe(1);
    expect(adapter.count('create')).toBe(1);
    expect((await sessions.open(session.id)).toJSON()).toEqual({ pending: true, n: 1 });
    expect(session.get('n')).toBe(1);
  });

  it('stores nothing when its function throws, and keeps what is pending', async () => {
    const { id } = await sessions.stored({ n: 1 });
    const session = await sessions.open(id);
    session.set('pending', true);
    const fault = new Error('no');
    const failing = session.update('n', () => {
      throw fault;
    });
    await expect(failing).rejects.toBe(fault);
    expect((await sessions.open(id)).has('pending')).toBe(false);
    await session.save();
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true, n: 1, pending: true });
  });

  it('refuses a function that is not synchronous, and values that cannot be stored', async () => {
    const { id } = await sessions.stored({ n: 1 });
    const session = await sessions.open(id);
    const async = session.update('n', () => Promise.resolve(2) as never);
    await expect(async).rejects.toThrow(/promise/);
    const wrong = session.bag('user').update('at', () => ({ make: () => 1 }));
    await expect(wrong).rejects.toThrow(SessionSerializationException);
    await expect(session.bag('user').update('at', () => [Symbol.iterator])).rejects.toThrow(
      'user.at[0] cannot be stored',
    );
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true, n: 1 });
  });

  it('works on a copy, which the function may change', async () => {
    const { id } = await sessions.stored({ list: [1], user: { list: [1], kept: new Date(5) } });
    const session = await sessions.open(id);
    const list = session.get<number[]>('list');
    await session.update<number[]>('list', (all = []) => (all.push(2), all));
    await session.bag<{ list: number[] }>('user').update('list', (all = []) => (all.push(2), all));
    expect(list).toEqual([1]);
    expect((await sessions.open(id)).toJSON()).toMatchObject({
      list: [1, 2],
      user: { list: [1, 2], kept: new Date(5) },
    });
  });

  it('gives what get() gives from then on, watched for changes inside', async () => {
    const { id } = await sessions.stored();
    const session = await sessions.open(id);
    const list = await session.update<number[]>('list', () => [1]);
    expect(session.get('list')).toBe(list);
    list?.push(2);
    await session.save();
    expect((await sessions.open(id)).get('list')).toEqual([1, 2]);
  });

  it('leaves alone what others have in a bag that is also held as a whole', async () => {
    const { id } = await sessions.stored({ user: { name: 'K' } });
    const [session, other] = await opened(id, 2);
    session?.get('user');
    await session?.bag<{ visits: number }>('user').update('visits', increment);
    other?.bag('user').set('name', 'L');
    await other?.save();
    session?.set('n', 1);
    await session?.save();
    expect((await sessions.open(id)).get('user')).toEqual({ name: 'L', visits: 1 });
  });

  it('in a bag over another kind of value throws a TypeError', async () => {
    const { id } = await sessions.stored({ list: [1] });
    const session = await sessions.open(id);
    await expect(session.bag<{ n: number }>('list').update('n', increment)).rejects.toThrow(
      TypeError,
    );
    expect((await sessions.open(id)).get('list')).toEqual([1]);
  });

  it('and save() work after the response has ended, where writing throws', async () => {
    const { id } = await sessions.stored({ list: [1] });
    const host = { isEnded: false };
    const session = await sessions.open(id, host);
    const list = session.get<number[]>('list');
    host.isEnded = true;
    expect(() => session.set('n', 1)).toThrow('The response is over');
    list?.push(2);
    expect(await session.update('n', increment)).toBe(1);
    list?.push(3);
    await session.save();
    expect((await sessions.open(id)).toJSON()).toEqual({ stored: true, list: [1, 2, 3], n: 1 });
  });

  it('does not begin a session when no cookie can be sent any more', async () => {
    const session = await sessions.open(undefined, { areHeadersSent: true });
    await expect(session.update('n', increment)).rejects.toThrow(SessionHeadersSentException);
    expect(() => session.set('n', 1)).toThrow(SessionHeadersSentException);
    expect(adapter.count()).toBe(0);
  });
});

function opened(id: string, count: number) {
  return Promise.all(Array.from({ length: count }, () => sessions.open(id)));
}
