import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionModule } from 'nestjs-session-bag';
import { captureLogs, ownLogs } from './support/captured-logs.js';
import { CountingAdapter } from './support/counting-adapter.js';

describe('SessionModule sweeps', () => {
  const SWEPT_WITHIN = 1.2 * 600_000;

  afterEach(() => {
    jest.useRealTimers();
  });

  it('every ten minutes, after a failure too, until the shutdown', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const logs = captureLogs();
    const sweep = jest.fn<() => Promise<number>>().mockRejectedValueOnce(new Error('no'));
    const context = await contextWith(sweep.mockResolvedValue(0));
    await jest.advanceTimersByTimeAsync(0.8 * 600_000 - 1);
    expect(sweep).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(SWEPT_WITHIN);
    expect(sweep.mock.calls.length).toBeGreaterThanOrEqual(1);
    expect(ownLogs(logs)).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(2 * SWEPT_WITHIN);
    expect(sweep.mock.calls.length).toBeGreaterThanOrEqual(3);
    await context.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('no more after a shutdown in the middle of one', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const sweeping = new EventEmitter();
    const sweep = jest.fn(() => once(sweeping, 'end').then(() => 0));
    const context = await contextWith(sweep);
    await jest.advanceTimersByTimeAsync(SWEPT_WITHIN);
    expect(sweep).toHaveBeenCalledTimes(1);
    await context.close();
    sweeping.emit('end');
    await jest.advanceTimersByTimeAsync(SWEPT_WITHIN);
    expect([sweep.mock.calls.length, jest.getTimerCount()]).toEqual([1, 0]);
  });

  function contextWith(sweep: () => Promise<number>) {
    const adapter = Object.assign(new CountingAdapter(), { sweep });
    class SweptModule {}
    Module({ imports: [SessionModule.forRoot({ adapter })] })(SweptModule);
    return NestFactory.createApplicationContext(SweptModule, { logger: false });
  }
});
