import { channel } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  onSessionEvent,
  SESSION_CHANNELS,
  type SessionEventName,
  type SessionService,
} from 'nestjs-session-bag';
import { SessionObserver } from '../../lib/events/session-observer.js';
import { captureLogs } from '../support/captured-logs.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { failureOf } from '../support/failure-of.js';
import { hearEvents, type HeardEvents } from '../support/heard-events.js';
import { UnitSessions } from '../support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;
let heard: HeardEvents;

beforeEach(() => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  heard = hearEvents(...(Object.keys(SESSION_CHANNELS) as SessionEventName[]));
});

afterEach(() => {
  heard.stop();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** What was heard but for the calls of the store and the commits. */
const ends = () => heard.all.filter(({ name }) => name !== 'store-call' && name !== 'committed');

const names = () => ends().map(({ name }) => name);

describe('an event is told', () => {
  it('when a session is created, with the owner where it is begun by a login', async () => {
    const session = await sessions.open();
    expect(heard.all).toEqual([]);
    session.set('n', 1);
    await session.save();
    const other = await sessions.open();
    await other.login('kimbra');
    expect(ends()).toEqual([
      { name: 'created', event: { key: session.key, owner: undefined, at: expect.any(Date) } },
      { name: 'created', event: { key: other.key, owner: 'kimbra', at: expect.any(Date) } },
    ]);
  });

  it.each([
    ['regenerate', (session: SessionService) => session.regenerateId()],
    ['regenerate', (session: SessionService) => session.regenerateId(false)],
    ['login', (session: SessionService) => session.login('kimbra')],
  ] as const)('when a session is renewed: %s', async (reason, renew) => {
    const session = await sessions.stored();
    const previousKey = session.key;
    await renew(session);
    const { key, owner } = session;
    expect(heard.of('renewed')).toEqual([
      { key, previousKey, owner, reason, at: expect.any(Date) },
    ]);
    expect(names()).toEqual(['created', 'renewed']);
  });

  it('when the clock renews an id, once however many requests come at once', async () => {
    sessions = new UnitSessions(adapter, { renewAfter: 60 });
    const { id, key: previousKey } = await sessions.stored();
    later(60_000);
    await Promise.all(Array.from({ length: 5 }, () => sessions.open(id)));
    expect(heard.of('renewed')).toEqual([
      expect.objectContaining({ previousKey, reason: 'renewAfter' }),
    ]);
    expect(heard.of('conflict').filter(({ reason }) => reason === 'gone')).toEqual([]);
  });

  it('when a session is destroyed, if it was stored', async () => {
    const session = await sessions.stored();
    const { key } = session;
    const slow = await sessions.open(session.id);
    await session.destroy();
    await session.destroy();
    slow.set('n', 1);
    await slow.save().catch(() => undefined);
    await slow.destroy();
    expect(heard.of('destroyed')).toEqual([{ key, owner: undefined, at: expect.any(Date) }]);
  });

  it('when a session comes to its absolute end', async () => {
    sessions = new UnitSessions(adapter, { lifetime: 50_000, absoluteLifetime: 60_000 });
    const { id, key } = await sessions.stored();
    // Reading has extended the record beyond the end.
    later(40_000_000);
    await new UnitSessions(adapter, { lifetime: 50_000 }).open(id);
    later(20_000_000);
    await new UnitSessions(adapter, { lifetime: 50_000, absoluteLifetime: 60_000 }).open(id);
    expect(names()).toEqual(['created', 'expired']);
    expect(heard.of('expired')).toMatchObject([{ key, reason: 'absolute' }]);
  });

  it('when a session that this process knows of has come to its idle end', async () => {
    const { id, key } = await sessions.stored();
    later(3_600_001);
    await sessions.open(id);
    await sessions.open(id);
    expect(heard.of('expired')).toMatchObject([{ key, reason: 'idle' }]);
    expect(heard.of('rejected')).toMatchObject([{ key, reason: 'unknown-id' }]);
  });

  it('when a session is revoked, each once, or has to make room', async () => {
    sessions = new UnitSessions(adapter, { maxSessionsPerOwner: 2 });
    const keys: string[] = [];
    for (let n = 0; n < 3; n++) {
      const session = await sessions.open();
      await session.login('kimbra');
      keys.push(session.key);
    }
    await sessions.store.owned.revoke('kimbra', keys[1] ?? '');
    // The list changes while all are revoked, so that this has to be done again.
    adapter.planNext('update', async () => false as never);
    await sessions.store.owned.revokeAll('kimbra', undefined);
    expect(heard.of('revoked')).toEqual([
      { key: keys[0], owner: 'kimbra', reason: 'evicted', at: expect.any(Date) },
      { key: keys[1], owner: 'kimbra', reason: 'revoked', at: expect.any(Date) },
      { key: keys[2], owner: 'kimbra', reason: 'revoked', at: expect.any(Date) },
    ]);
  });

  it('when an id opens nothing: unknown, ended, or over a record that cannot be read', async () => {
    captureLogs();
    const session = await sessions.stored();
    const { id, key } = session;
    const data = (await adapter.peek(key))?.data ?? '';
    await adapter.update(key, `${data}x`, 60, (await adapter.peek(key))?.version ?? 0);
    await sessions.open(id);
    await sessions.open('A'.repeat(43));
    expect(heard.of('rejected')).toMatchObject([
      { reason: 'unreadable-record', key },
      { reason: 'unknown-id', key: expect.stringMatching(/^sess:[\w-]{43}$/) },
    ]);
  });

  it('when another request was faster: the commit is done again, or refused', async () => {
    const { id, key } = await sessions.stored();
    const [one, two, late] = [
      await sessions.open(id),
      await new UnitSessions(adapter).open(id),
      await sessions.open(id),
    ] as const;
    one.set('one', 1);
    two.set('two', 2);
    await Promise.all([one.save(), two.save()]);
    expect(heard.of('conflict')).toEqual([{ key, reason: 'changed', at: expect.any(Date) }]);
    expect(heard.of('committed').map(({ attempts }) => attempts)).toEqual([1, 1, 2]);
    await one.destroy();
    await failureOf(late.set('late', 3).save());
    await failureOf(late.save());
    expect(heard.of('conflict').slice(1)).toEqual([{ key, reason: 'gone', at: expect.any(Date) }]);
  });

  it('when the store fails, or does not answer', async () => {
    sessions = new UnitSessions(adapter, { storeTimeout: 30 });
    const { id, key } = await sessions.stored();
    adapter.failNext('read');
    await failureOf(sessions.open(id));
    const held = adapter.holdNext('read');
    await failureOf(sessions.open(id));
    held.release();
    expect(heard.of('store-failed')).toEqual([
      { key, operation: 'read', reason: 'error', at: expect.any(Date) },
      { key, operation: 'read', reason: 'timeout', at: expect.any(Date) },
    ]);
    expect(names()).toEqual(['created', 'store-failed', 'store-failed']);
  });

  it('once when the store fails after its time was up', async () => {
    sessions = new UnitSessions(adapter, { storeTimeout: 30 });
    const { id } = await sessions.stored();
    let failLate: ((reason: Error) => void) | undefined;
    adapter.planNext('read', () => new Promise((_, reject) => void (failLate = reject)));
    await failureOf(sessions.open(id));
    failLate?.(new Error('late'));
    await nextTurn();
    expect(heard.of('store-failed').map(({ reason }) => reason)).toEqual(['timeout']);
  });

  it('when changes are committed: which, and not what they hold', async () => {
    const session = await sessions.stored({ old: 1 });
    const { key } = session;
    session.set('name', 'secret value').setLifetime(60).remove('old');
    session.bag('cart').set('apple', 'secret value');
    await session.save();
    await session.update<number>('count', (n = 0) => n + 1);
    session.clear();
    session.bag('cart').clear();
    await session.save();
    const [, first, second, third] = heard.of('committed');
    expect(first).toMatchObject({ key, attempts: 1, durationMs: expect.any(Number) });
    expect(first?.changes).toEqual([
      { kind: 'lifetime' },
      { kind: 'set', name: 'name' },
      { kind: 'remove', name: 'old' },
      { kind: 'set', name: 'cart', property: 'apple' },
    ]);
    expect(second?.changes).toEqual([{ kind: 'update', name: 'count' }]);
    expect(third?.changes).toEqual([{ kind: 'clear' }, { kind: 'clear', name: 'cart' }]);
  });

  it('when a call of the store has ended, with its outcome', async () => {
    const { id, key } = await sessions.stored();
    await sessions.open(id);
    await sessions.open('A'.repeat(43));
    adapter.failNext('read');
    await failureOf(sessions.open(id));
    const calls = heard.of('store-call');
    expect(calls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'create stored',
      'read found',
      'read absent',
      'read failed',
    ]);
    expect(calls[0]).toMatchObject({ key, durationMs: expect.any(Number), at: expect.any(Date) });
  });
});

describe('what events say', () => {
  it('holds neither ids nor values, and cannot be changed', async () => {
    const ids = new Set<string>();
    const session = await sessions.stored({ secret: 'value 4711' });
    ids.add(session.id);
    await session.login('kimbra');
    ids.add(session.id);
    await session.regenerateId();
    ids.add(session.id);
    await session.destroy();
    const text = inspect(heard.all, { depth: 10 });
    expect([...ids, 'value 4711'].filter((secret) => text.includes(secret))).toEqual([]);
    expect(ids.size).toBe(3);
    expect(heard.all.every(({ event }) => Object.isFrozen(event))).toBe(true);
  });
});

describe('listeners', () => {
  it('may listen on the channel itself, and stop', async () => {
    const messages: unknown[] = [];
    const listener = (message: unknown): unknown => messages.push(message);
    channel(SESSION_CHANNELS.created).subscribe(listener);
    const { key } = await sessions.stored();
    channel(SESSION_CHANNELS.created).unsubscribe(listener);
    await sessions.stored();
    expect(messages).toEqual([expect.objectContaining({ key })]);
  });

  it('are told in turn, whatever those before them throw or reject with, or that they leave', async () => {
    const failures: unknown[] = [];
    const observer = new SessionObserver((name, error) => failures.push([name, error]));
    const fault = new Error('a listener is wrong');
    const told: string[] = [];
    const stops: (() => void)[] = [
      onSessionEvent('created', () => {
        throw fault;
      }),
      onSessionEvent('created', () => Promise.reject(fault)),
      onSessionEvent('created', () => stops[2]?.()),
      onSessionEvent('created', ({ key }) => told.push(key)),
    ];
    const session = await new UnitSessions(adapter, { observer }).stored();
    await new Promise(setImmediate);
    stops.forEach((stop) => stop());
    expect(told).toEqual([session.key]);
    expect(failures).toEqual([
      ['created', fault],
      ['created', fault],
    ]);
  });

  it('that are not there cost nothing: no event is made', async () => {
    heard.stop();
    const observer = new SessionObserver();
    const tell = jest.spyOn(observer, 'tell');
    sessions = new UnitSessions(adapter, { observer });
    const session = await sessions.stored();
    await session.login('kimbra');
    await (await sessions.open(session.id)).destroy();
    await sessions.open(session.id);
    expect(tell).not.toHaveBeenCalled();
    heard = hearEvents('created');
    await sessions.stored();
    expect(tell.mock.calls.map(([name]) => name)).toEqual(['created']);
  });
});

function later(ms: number): void {
  jest.useFakeTimers({
    now: Date.now() + ms,
    doNotFake: [
      'performance',
      'nextTick',
      'setImmediate',
      'setTimeout',
      'clearTimeout',
      'queueMicrotask',
    ],
  });
}
