import { describe, expect, it } from '@jest/globals';
import { SharedSync } from '../../lib/adapters/file/shared-sync.js';

describe('a sync that writers share', () => {
  it('is not the one that was under way before the write', async () => {
    const syncs = new Syncs();
    const first = syncs.shared.run();
    const late = Promise.all([syncs.shared.run(), syncs.shared.run(), syncs.shared.run()]);
    expect(syncs.began).toBe(1);
    syncs.finish();
    await first;
    await turn();
    expect(syncs.began).toBe(2);
    syncs.finish();
    await late;
    expect(syncs.began).toBe(2);
  });

  it('rejects for those who share it, and not for those who come after', async () => {
    const syncs = new Syncs();
    const first = syncs.shared.run();
    const late = syncs.shared.run();
    syncs.fail();
    await expect(first).rejects.toThrow('no disk');
    await turn();
    syncs.finish();
    await late;
  });

  it('begins at once where none is under way', async () => {
    const syncs = new Syncs();
    for (const began of [1, 2]) {
      const run = syncs.shared.run();
      expect(syncs.began).toBe(began);
      syncs.finish();
      await run;
    }
  });
});

/** Syncs that end when the test wants it. */
class Syncs {
  began = 0;
  finish: () => void = () => {};
  fail: () => void = () => {};
  readonly shared = new SharedSync(() => {
    this.began++;
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = () => reject(new Error('no disk'));
    });
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
