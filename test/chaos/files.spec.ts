import { describe, expect, it } from '@jest/globals';
import { killWriters } from './files/kill-writers.js';

const KILLS = 20;

describe('session files of processes that were killed', () => {
  it('R24 are whole and as acknowledged after each kill, and no other file is left by a sweep', async () => {
    const report = await killWriters(KILLS, 1);
    expect(report).toMatchObject({ midWrite: KILLS, wrong: [], orphans: [] });
    expect(report.records.found).toBe(report.records.expected);
    expect(report.writes).toBeGreaterThan(KILLS);
  }, 120_000);
});
