import { describe, expect, it } from '@jest/globals';
import { EndedKeys } from '../../lib/store/ended-keys.js';

describe('R12 the keys of ended sessions', () => {
  it('are known for the latest ten thousand', () => {
    const ended = new EndedKeys();
    for (let key = 0; key < 10_001; key++) ended.add(`sess:${key}`);
    expect([0, 1, 10_000, 10_001].map((key) => ended.has(`sess:${key}`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
