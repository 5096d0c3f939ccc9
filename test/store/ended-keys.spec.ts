import { describe, expect, it } from '@jest/globals';
import { EndedKeys } from '../../lib/store/ended-keys.js';

describe('R12 the keys of ended sessions', () => {
  it('are known for the latest ten thousand, and forgotten after as many again', () => {
    const ended = new EndedKeys();
    for (let key = 0; key < 20_000; key++) ended.add(`sess:${key}`);
    expect([0, 9_999, 10_000, 19_999, 20_000].map((key) => ended.has(`sess:${key}`))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});
