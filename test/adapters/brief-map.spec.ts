import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { BriefMap } from '../../lib/adapters/brief-map.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

describe('BriefMap', () => {
  it('keeps what was set until it is deleted', () => {
    const map = new BriefMap<number>();
    for (let key = 0; key < 100; key++) map.set(`key ${key}`, key);
    for (let key = 0; key < 100; key += 3) map.delete(`key ${key}`);
    map.set('key 1', 1000);
    map.delete('no key');
    for (let key = 0; key < 100; key++) {
      const expected = key % 3 === 0 ? undefined : key === 1 ? 1000 : key;
      expect(map.get(`key ${key}`)).toBe(expected);
    }
  });

  it('lets minor garbage collections take what was in it, however old it is itself', () => {
    const map = new BriefMap<number[]>();
    // What survives is moved to where minor collections do not look.
    for (let time = 0; time < 3; time++) collectGarbage();
    const before = oldSpace();
    for (let entry = 0; entry < 10_000; entry++) {
      map.set(
        `${entry}`,
        Array.from({ length: 100 }, () => entry / 3),
      );
      map.delete(`${entry - 8}`);
      if (entry % 100 === 0) collectGarbage({ type: 'minor' });
    }
    // 10,000 entries of nearly a kilobyte each went through it.
    expect(oldSpace() - before).toBeLessThan(2_000_000);
  });
});

/** Bytes. */
function oldSpace(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space');
  return space?.space_used_size ?? Number.NaN;
}
