import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Play, type Plot } from './play.js';

const SEEDS = 40;
const FAULTY = { faultRate: 0.025 };
const RENEWING = { options: [{ renewAfter: 60 }] };
const REJECTING = { maxSessionsPerOwner: 1, whenOwnerIsFull: 'reject' } as const;

const plots: readonly (readonly [string, Plot])[] = [
  ['ids that are renewed', RENEWING],
  ['ids that are renewed, and calls that fail', { ...RENEWING, ...FAULTY }],
  ['calls that fail', FAULTY],
  ['two sessions of each owner', { options: [{ renewAfter: 60, maxSessionsPerOwner: 2 }] }],
  ['one session of each owner, and calls that fail', { ...FAULTY, options: [REJECTING] }],
  ['processes that die', { ...RENEWING, deathRate: 0.08 }],
  ['processes that die, and calls that fail', { ...RENEWING, ...FAULTY, deathRate: 0.08 }],
];

describe('requests of three processes whose store calls come in any order', () => {
  afterEach(() => void jest.restoreAllMocks());

  it.each(plots)(
    'R11 R12 R20 lose nothing, and bring nothing back, with %s',
    async (_, plot) => {
      const found: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const play = new Play(seed, plot);
        await play.run();
        found.push(...play.faults.map((fault) => `seed ${seed}: ${fault}`));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );
});
