import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import {
  answered,
  beginSession,
  opens,
  type SessionProcess,
  startProcess,
  write,
} from '../security/session-process.js';
import { stopClock } from '../security/stopped-clock.js';
import { CountingAdapter, type Plan } from '../support/counting-adapter.js';
import { pollUntil } from '../support/poll.js';
import { UnitSessions } from '../support/unit-session.js';

const RENEW_AFTER = 60;
/** Seconds: longer than an old id leads on that is settled. */
const LATER = 1000;
const IN_TIME = { within: 5000, what: 'the store is in order again' };
const after = stopClock();

describe('an id that renewAfter has exchanged', () => {
  let adapter: CountingAdapter;
  let renewing: SessionProcess;
  let other: SessionProcess;
  let id: string;
  let key: string;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    renewing = startProcess(adapter, { renewAfter: RENEW_AFTER });
    other = startProcess(adapter, { renewAfter: RENEW_AFTER });
    ({ id, key } = await beginSession(renewing, 'anna'));
  });

  it('leads on although the store takes no change of its mark', async () => {
    after(RENEW_AFTER);
    const life = await renewing.visit(id);
    adapter.refuseUpdatesOf(key);
    await life.commit(true);
    expect([await opens(renewing, id), await opens(other, id)]).toEqual([true, true]);
    after(RENEW_AFTER + 29.9);
    expect(await opens(renewing, id)).toBe(true);
    after(RENEW_AFTER + 30);
    expect(await opens(renewing, id).catch(() => false)).toBe(false);
  });

  it('leads on where the store refuses what came while the answer was being stored', async () => {
    after(RENEW_AFTER);
    const life = await renewing.visit(id);
    life.values.set({ name: 'first' }, 1);
    const storing = adapter.holdNext('update', life.key);
    const answering = life.commit(true);
    await storing.arrived;
    life.values.set({ name: 'second' }, 2);
    storing.release();
    await answering;
    expect(life.hasChanges(true)).toBe(true);
    adapter.refuseUpdatesOf(life.key);
    await expect(life.commit(true)).rejects.toThrow(SessionStoreUnavailableException);
    after(RENEW_AFTER + LATER);
    expect(await opens(other, id)).toBe(true);
  });

  it('is ended by a request that stores under it, and tells the new one', async () => {
    const slow = await other.visit(id);
    after(RENEW_AFTER);
    await renewing.visit(id);
    slow.values.set({ name: 'n' }, 1);
    await slow.commit(true);
    expect(slow.id).not.toBe(id);
    after(RENEW_AFTER + 29.9);
    expect(await opens(other, id)).toBe(true);
    after(RENEW_AFTER + 30);
    expect([await opens(renewing, id), await opens(other, id)]).toEqual([false, false]);
    expect(await opens(other, slow.id)).toBe(true);
  });

  it('ends in time although its renewal fails after an answer has told the new one', async () => {
    renewing = startProcess(adapter, { renewAfter: RENEW_AFTER, storeTimeout: 50 });
    const events = new EventEmitter();
    const marked = once(events, 'marked');
    const failed = once(events, 'failed');
    const delayFault: Plan = async (execute) => {
      await execute();
      events.emit('marked');
      await failed;
      throw adapter.fault;
    };
    adapter.planNext('update', delayFault, key);
    after(RENEW_AFTER);
    const visit = renewing.visit(id);
    await marked;
    const parallel = await renewing.visit(id);
    adapter.isDown = true;
    await parallel.commit(true);
    events.emit('failed');
    expect((await visit).id).toBe(id);
    adapter.isDown = false;
    after(RENEW_AFTER + 30);
    await pollUntil(async () => !(await opens(other, id)), IN_TIME);
    expect(await opens(other, parallel.id)).toBe(true);
  });

  describe('of a session with a lifetime of its own, in a process that does not know it', () => {
    const OWN = 10_000;

    beforeEach(async () => {
      renewing = startProcess(adapter, { lifetime: 100, renewAfter: RENEW_AFTER });
      other = startProcess(adapter, { lifetime: 100, renewAfter: RENEW_AFTER });
      const life = await beginSession(renewing, 'anna');
      life.values.lifetime = OWN;
      await write(life, 'kept', true);
      ({ id } = life);
      after(RENEW_AFTER);
      await renewing.visit(id);
    });

    it('leads on for 30 seconds from the first answer that tells the new one', async () => {
      await answered(other, id);
      after(RENEW_AFTER + 29.9);
      expect(await opens(other, id)).toBe(true);
      after(RENEW_AFTER + 30);
      expect([await opens(renewing, id), await opens(other, id)]).toEqual([false, false]);
    });

    it('leads on for as long as the session lives where no answer tells the new one', async () => {
      await other.visit(id);
      after(RENEW_AFTER + LATER);
      expect(await opens(other, id)).toBe(true);
    });
  });

  it('loses no change of who was led on, though its mark comes late', async () => {
    let comeLate: () => Promise<unknown> = () => Promise.resolve();
    const delayMark: Plan = (execute) => {
      comeLate = execute;
      return Promise.reject(adapter.fault);
    };
    const comeLateAndStore: Plan = async (execute) => {
      expect(await comeLate()).toBe(true);
      await write(await other.visit(id), 'acknowledged', true);
      return execute();
    };
    adapter.planNext('update', delayMark, key);
    adapter.planNext('read', (execute) => execute(), key);
    // The renewal reads the record again, and is about to write over the new one.
    adapter.planNext(
      'read',
      (execute) => {
        const [created] = adapter.calls.filter(({ method }) => method === 'create').slice(-1);
        adapter.planNext('read', comeLateAndStore, created?.key);
        return execute();
      },
      key,
    );
    after(RENEW_AFTER);
    await renewing.visit(id);
    const now = await answered(other, id);
    expect(now.values.get({ name: 'acknowledged' })).toBe(true);
  });
});

describe('a renewal', () => {
  let adapter: CountingAdapter;
  let id: string;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    ({ id } = await beginSession(startProcess(adapter)));
    after(RENEW_AFTER);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('R23 takes the time that it costs in vain from that of the changes', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'setImmediate', 'queueMicrotask'] });
    jest.spyOn(adapter, 'update').mockReturnValue(new Promise(() => {}));
    const storing = jest.fn();
    const process = startProcess(adapter, { renewAfter: RENEW_AFTER, storeTimeout: 2000 });
    void process.visit(id).then((life) => write(life, 'n', 1).catch(storing));
    await jest.advanceTimersByTimeAsync(3 * 2000);
    expect(storing).toHaveBeenCalledWith(expect.any(SessionStoreUnavailableException));
  });

  it('R23 takes the time that it costs from that of the changes where the store is slow', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'setImmediate', 'queueMicrotask'] });
    const slowly: Plan = async (execute) => {
      await new Promise((resolve) => setTimeout(resolve, 1900));
      return execute();
    };
    for (const method of ['read', 'create', 'update', 'update'] as const) {
      adapter.planNext(method, slowly);
    }
    const over = jest.fn();
    const process = startProcess(adapter, { renewAfter: RENEW_AFTER, storeTimeout: 2000 });
    const visiting = process.visit(id).then((life) => write(life, 'n', 1));
    void visiting.then(over, over);
    await jest.advanceTimersByTimeAsync(3 * 2000);
    expect(over).toHaveBeenCalledTimes(1);
  });

  it('is left for later where the answer begins before the session is read', async () => {
    const sessions = new UnitSessions(adapter, { renewAfter: RENEW_AFTER });
    const host = { areHeadersSent: false };
    const reading = adapter.holdNext('read');
    const opening = sessions.open(id, host);
    await reading.arrived;
    host.areHeadersSent = true;
    reading.release();
    expect((await opening).id).toBe(id);
  });
});
