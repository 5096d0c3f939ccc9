import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startStopwatch } from './stopwatch.js';

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

function standStill(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
