import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { Deadline } from '../../lib/store/deadline.js';
import { Retries, type Work } from '../../lib/store/retries.js';

const TIMEOUT = 2000;
const FAULT = new Error('The store is away.');

describe('work that the store has not let be done', () => {
  let retries: Retries;
  const failing = jest.fn<Work>();
  const working = jest.fn<Work>();

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    retries = new Retries({ storeTimeout: TIMEOUT });
    failing.mockReset().mockRejectedValue(FAULT);
    working.mockReset().mockResolvedValue();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is tried again until it is done, whatever becomes of other work', async () => {
    const work = working.mockRejectedValueOnce(FAULT).mockRejectedValueOnce(FAULT);
    await retries.tryNow(new Deadline(TIMEOUT), 'failing', failing);
    await retries.tryNow(new Deadline(TIMEOUT), 'working', work);
    await jest.advanceTimersByTimeAsync(2 * TIMEOUT);
    expect([failing.mock.calls.length, work.mock.calls.length]).toEqual([3, 3]);
    await jest.advanceTimersByTimeAsync(TIMEOUT);
    expect([failing.mock.calls.length, work.mock.calls.length]).toEqual([4, 3]);
  });

  it('waits for no other work that has no answer', async () => {
    const hanging = jest.fn<Work>().mockImplementation(() => new Promise(() => {}));
    retries.add('hanging', hanging);
    retries.add('working', working);
    await jest.advanceTimersByTimeAsync(TIMEOUT);
    expect([hanging.mock.calls.length, working.mock.calls.length]).toEqual([1, 1]);
  });

  it('waits for nothing once it is done', async () => {
    await retries.tryNow(new Deadline(TIMEOUT), 'now', working);
    expect(jest.getTimerCount()).toBe(0);
    retries.add('later', working);
    await jest.advanceTimersByTimeAsync(TIMEOUT);
    expect([working.mock.calls.length, jest.getTimerCount()]).toEqual([2, 0]);
  });

  it('is given up, the oldest first, where there is more than a thousand of it', async () => {
    retries.add('oldest', failing);
    for (let count = 0; count < 1000; count++) retries.add(`key-${count}`, working);
    await jest.advanceTimersByTimeAsync(TIMEOUT);
    expect([failing.mock.calls.length, working.mock.calls.length]).toEqual([0, 1000]);
  });

  it('belongs to no request while it is tried again', async () => {
    jest.useRealTimers();
    const storage = new AsyncLocalStorage<string>();
    const apart = new Retries({ storeTimeout: 1, apart: (call) => storage.run('nobody', call) });
    const whose: unknown[] = [];
    await new Promise<void>((resolve) => {
      const work: Work = async () => {
        whose.push(storage.getStore());
        if (whose.length < 3) throw FAULT;
        resolve();
      };
      storage.run('request', () => void apart.tryNow(new Deadline(TIMEOUT), 'key', work));
    });
    expect(whose).toEqual(['request', 'nobody', 'nobody']);
  });

  describe('when the application ends', () => {
    it('is tried once more, and never again', async () => {
      retries.add('failing', failing);
      retries.add('working', working);
      await retries.stop();
      expect([failing.mock.calls.length, working.mock.calls.length]).toEqual([1, 1]);
      await jest.advanceTimersByTimeAsync(5 * TIMEOUT);
      expect([failing.mock.calls.length, jest.getTimerCount()]).toEqual([1, 0]);
    });

    it('is tried once if it comes later, and not again', async () => {
      await retries.stop();
      await retries.tryNow(new Deadline(TIMEOUT), 'failing', failing);
      retries.add('working', working);
      expect([failing.mock.calls.length, jest.getTimerCount()]).toEqual([1, 0]);
    });

    it('is waited for where it is tried again just then, and nothing comes after it', async () => {
      const events = new EventTarget();
      const held = jest.fn<Work>().mockImplementationOnce(async () => {
        await once(events, 'release');
        throw FAULT;
      });
      retries.add('held', held.mockRejectedValue(FAULT));
      retries.add('failing', failing);
      await jest.advanceTimersByTimeAsync(TIMEOUT);
      const stopped = jest.fn();
      const stopping = retries.stop().then(stopped);
      await jest.advanceTimersByTimeAsync(0);
      expect(stopped).not.toHaveBeenCalled();
      events.dispatchEvent(new Event('release'));
      await stopping;
      await jest.advanceTimersByTimeAsync(5 * TIMEOUT);
      expect([held.mock.calls.length, failing.mock.calls.length]).toEqual([2, 2]);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
