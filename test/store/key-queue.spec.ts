import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { Deadline } from '../../lib/store/deadline.js';
import { KeyQueue } from '../../lib/store/key-queue.js';

const deadline = new Deadline(60_000);

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}

describe('the queue of a key', () => {
  it('keeps nothing of what is over, though it is never empty', async () => {
    const queue = new KeyQueue();
    const results: WeakRef<object>[] = [];
    const run = () => queue.run('key', deadline, () => Promise.resolve(noted(results)));
    let last = run();
    for (let n = 0; n < 100; n++) {
      const next = run();
      await last;
      last = next;
    }
    let finish = () => {};
    const waiting = queue.run(
      'key',
      deadline,
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    await last;
    last = Promise.resolve({});
    await turnOfLoop();
    collectGarbage();
    expect(results).toHaveLength(101);
    expect(results.filter((result) => result.deref() !== undefined).length).toBeLessThan(5);
    finish();
    await waiting;
  });

  it('lets nobody go before what runs, though those who waited for it have given up', async () => {
    const queue = new KeyQueue();
    const order: string[] = [];
    let finish = () => {};
    const running = queue.run('key', deadline, async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('first');
    });
    const impatient = queue.run('key', new Deadline(1), async () => void order.push('second'));
    await expect(impatient).rejects.toThrow(SessionStoreUnavailableException);
    const last = queue.run('key', deadline, async () => void order.push('third'));
    await turnOfLoop();
    finish();
    await Promise.all([running, last]);
    expect(order).toEqual(['first', 'third']);
  });
});

function noted(results: WeakRef<object>[]): object {
  const result = {};
  results.push(new WeakRef(result));
  return result;
}
