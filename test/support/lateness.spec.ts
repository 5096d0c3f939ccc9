import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startStopwatch, watchLateness } from './lateness.js';

describe('a stopwatch', () => {
  it('goes while the process waits', async () => {
    const time = startStopwatch();
    await delay(100);
    expect(time()).toBeGreaterThan(0);
    expect(time()).toBeLessThanOrEqual(100);
  });

  it('stands still while the process cannot come to its timers', async () => {
    const time = startStopwatch();
    standStill(200);
    await delay(1);
    expect(time()).toBeLessThan(100);
  });
});

describe('lateness', () => {
  it('is that of a call which ends by nothing in its time', async () => {
    const isLate = watchLateness(10);
    await delay(30);
    expect(isLate()).toBe(true);
  });

  it('is not that of a call which ends by its timer, though the machine stood still', async () => {
    const isLate = watchLateness(10);
    const call = delay(10);
    standStill(100);
    await call;
    expect(isLate()).toBe(false);
  });
});

function standStill(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
