import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { itTogether } from '../support/it-together.js';

describeSessionAdapter('memory', () => new MemoryAdapter(), { describe, it: itTogether() });

const INDEX_KEY = `sess:owner:${'o'.repeat(43)}`;

describe('MemoryAdapter: bounds', () => {
  it('lets the session go that was not used for longest', async () => {
    const adapter = new MemoryAdapter({ maxSessions: 2 });
    await adapter.create('sess:first', '1', 60);
    await adapter.create('sess:second', '2', 60);
    await adapter.read('sess:first');
    await adapter.create('sess:third', '3', 60);

    expect(await adapter.read('sess:second')).toBeUndefined();
    expect((await adapter.read('sess:first'))?.data).toBe('1');
    expect((await adapter.read('sess:third'))?.data).toBe('3');
  });

  it('neither counts index records nor lets them go', async () => {
    const adapter = new MemoryAdapter({ maxSessions: 1 });
    await adapter.create('sess:first', '1', 60);
    await adapter.create(INDEX_KEY, 'index', 60);
    expect((await adapter.read('sess:first'))?.data).toBe('1');

    await adapter.create('sess:second', '2', 60);
    expect((await adapter.read(INDEX_KEY))?.data).toBe('index');
    await adapter.destroy(INDEX_KEY);
    expect(await adapter.read(INDEX_KEY)).toBeUndefined();
  });

  it('makes no room for sessions before they come', () => {
    const taken = (): number => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = taken();
    const adapters = Array.from(
      { length: 3 },
      () => new MemoryAdapter({ maxSessions: 10_000_000 }),
    );
    expect(adapters).toHaveLength(3);
    expect(taken() - before).toBeLessThan(1_000_000);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses maxSessions %p', (value) => {
    expect(() => new MemoryAdapter({ maxSessions: value })).toThrow(InvalidSessionOptionsException);
    expect(() => new MemoryAdapter({ maxSessions: value })).toThrow(/maxSessions/);
  });
});

describe('MemoryAdapter: time', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each(['sess:session', INDEX_KEY])('R22 ends a life to the millisecond: %s', async (key) => {
    const adapter = new MemoryAdapter();
    await adapter.create(key, 'data', 10);
    jest.advanceTimersByTime(9_999);
    expect((await adapter.read(key))?.data).toBe('data');
    jest.advanceTimersByTime(1);
    expect(await adapter.read(key)).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('R22 sets the life at each read with a ttl', async () => {
    const adapter = new MemoryAdapter();
    await adapter.create('sess:long', 'data', 10);
    jest.advanceTimersByTime(9_999);
    await adapter.read('sess:long', 10);
    jest.advanceTimersByTime(9_999);
    expect((await adapter.read('sess:long', 1))?.data).toBe('data');
    jest.advanceTimersByTime(1_000);
    expect(await adapter.read('sess:long')).toBeUndefined();
  });

  it('sweeps what has expired, sessions and index records', async () => {
    const adapter = new MemoryAdapter();
    await adapter.create('sess:ended', 'data', 1);
    await adapter.create(INDEX_KEY, 'data', 1);
    await adapter.create('sess:live', 'data', 2);
    jest.advanceTimersByTime(1_000);
    expect(await adapter.sweep()).toBe(2);
    expect(await adapter.sweep()).toBe(0);
    expect((await adapter.read('sess:live'))?.data).toBe('data');
  });
});

describe('MemoryAdapter: records', () => {
  it('leaves a record as it is that was read before an update', async () => {
    const adapter = new MemoryAdapter();
    await adapter.create('sess:key', 'old', 60);
    const before = await adapter.read('sess:key');
    await adapter.update('sess:key', 'new', 60, before?.version ?? '');
    expect(before).toEqual({ data: 'old', version: before?.version });
  });
});

describe('MemoryAdapter: warning', () => {
  const environment = process.env['NODE_ENV'];
  afterEach(() => {
    process.env['NODE_ENV'] = environment;
  });

  it.each([
    ['once in production', 'production', 1],
    ['not elsewhere', 'test', 0],
  ])('warns %s', async (_, mode, times) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    process.env['NODE_ENV'] = mode;
    const adapter = new MemoryAdapter();
    await adapter.open();
    await adapter.open();
    expect(warn).toHaveBeenCalledTimes(times);
  });
});
