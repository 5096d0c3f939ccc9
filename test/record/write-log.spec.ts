import { describe, expect, it } from '@jest/globals';
import {
  appendWrite,
  createWriteId,
  EMPTY_WRITE_LOG,
  hasWrite,
  Writer,
} from '../../lib/record/write-log.js';

const KEPT_MS = 6000;
const NOW = 1_700_000_000_000;
/** Milliseconds by which a clock is wrong. */
const AHEAD = 900_000;
const KEY = 'sess:one';
const OTHER_KEY = 'sess:other';
/** How many writes a writer numbers under one name. */
const COUNTED_WRITES = 36 ** 4;

describe('R13 the log of writes', () => {
  it('keeps the latest 64 of writes long ago', () => {
    const ids = newIds(100);
    const log = logOf(ids, (index) => index * 60_000);
    expect(ids.filter((id) => hasWrite(log, id))).toEqual(ids.slice(-64));
  });

  it('keeps all writes of the last moments, however many', () => {
    const ids = newIds(500);
    const log = logOf(ids, (index) => NOW + index * 10);
    expect(ids.every((id) => hasWrite(log, id))).toBe(true);
  });

  it('forgets what is older than that once there are 64 others', () => {
    const ids = newIds(100);
    const log = logOf(ids, (index) => (index < 20 ? 0 : 100_000) + index);
    expect(ids.filter((id) => hasWrite(log, id))).toEqual(ids.slice(20));
  });

  it('keeps the latest 64 of all, those of others too, where a clock is ahead', () => {
    const ids = newIds(64);
    const log = logOf(ids, (index) => NOW + index + (index === 0 ? 0 : AHEAD));
    expect(ids.filter((id) => !hasWrite(log, id))).toEqual([]);
  });

  it('does not grow after a write by a clock that was ahead', () => {
    const ids = newIds(500);
    const log = logOf(ids, (index) => (index === 0 ? NOW + AHEAD : NOW + index * 100));
    expect(ids.filter((id) => hasWrite(log, id))).toEqual(ids.slice(-64));
  });

  it('keeps all writes of the last moments where a clock is ahead by less than these are', () => {
    const ids = newIds(200);
    const log = logOf(ids, (index) => NOW + index * 10 + (index % 2) * 1000);
    expect(ids.filter((id) => !hasWrite(log, id))).toEqual([]);
  });

  it.each([
    ['one that stands still', () => NOW],
    ['two that differ', (index: number) => NOW + (index % 2) * AHEAD],
    ['one that goes back', (index: number) => NOW - index],
  ])('is bounded under clocks of any kind: %s', (_, time) => {
    const ids = newIds(3000);
    const log = logOf(ids, time);
    expect(log.length).toBeLessThanOrEqual(logOf(newIds(1000), () => NOW).length);
    expect(ids.slice(-64).filter((id) => !hasWrite(log, id))).toEqual([]);
    expect(hasWrite(log, ids[0] ?? '')).toBe(false);
  });

  it('keeps all writes of one writer in the room of one, among those of others', () => {
    const writer = new Writer();
    const others = newIds(3);
    const own = Array.from({ length: 500 }, () => writer.nextWrite(KEY));
    const log = logOf([...own.slice(0, 400), ...others, ...own.slice(400)], (at) => at * 60_000);
    expect(log).toHaveLength(logOf(newIds(4), Number).length);
    expect(new Set(own).size).toBe(500);
    expect([...own, ...others].filter((id) => !hasWrite(log, id))).toEqual([]);
    expect(hasWrite(log, writer.nextWrite(KEY))).toBe(false);
  });

  it('knows no write to come of a writer who has counted to the end and begins anew', () => {
    const writer = new Writer();
    const early = writer.nextWrite(KEY);
    for (let write = 0; write < COUNTED_WRITES - 10; write++) writer.nextWrite(KEY);
    const ids = [early, ...Array.from({ length: 30 }, () => writer.nextWrite(KEY))];
    const log = logOf(ids, Number);
    expect(ids.filter((id) => !hasWrite(log, id))).toEqual([]);
    expect(log).toHaveLength(logOf(newIds(2), Number).length);
    expect(hasWrite(log, writer.nextWrite(KEY))).toBe(false);
  });

  it('knows the writes of one writer under two keys apart', () => {
    const writer = new Writer();
    const early = writer.nextWrite(KEY);
    const [missed, late] = [writer.nextWrite(OTHER_KEY), writer.nextWrite(KEY)];
    const log = logOf([early, late], Number);
    expect([early, missed, late].map((id) => hasWrite(log, id))).toEqual([true, false, true]);
  });

  it('knows no write that was not made', () => {
    expect(hasWrite(EMPTY_WRITE_LOG, createWriteId())).toBe(false);
    expect(hasWrite(logOf(newIds(20), Number), createWriteId())).toBe(false);
  });
});

function newIds(count: number): string[] {
  return Array.from({ length: count }, createWriteId);
}

function logOf(ids: readonly string[], time: (index: number) => number): string {
  return ids.reduce(
    (log, id, index) => appendWrite(log, id, time(index), KEPT_MS),
    EMPTY_WRITE_LOG,
  );
}
