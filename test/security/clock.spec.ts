import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CountingAdapter } from '../support/counting-adapter.js';
import {
  answered,
  beginSession,
  type SessionProcess,
  startProcess,
  write,
} from './session-process.js';

const LIFETIME = 600;
const ABSOLUTE = 3600;
const RENEW_AFTER = 60;
const ALIAS = 30;

describe('a clock that jumps', () => {
  const began = Date.now();
  let clock: jest.Spied<typeof Date.now>;
  let store: CountingAdapter;
  let process: SessionProcess;

  const setTo = (seconds: number): void => void clock.mockReturnValue(began + seconds * 1000);
  const isOpen = async (id: string): Promise<boolean> =>
    (await process.store.open(id)) !== undefined;

  /** A session that is used all the time, written to or only read, until the clock says so. */
  const useUntil = async (id: string, from: number, end: number, isWritten: boolean) => {
    let current = id;
    for (let second = from; second < end; second += LIFETIME / 2) {
      setTo(second);
      const life = await process.visit(current);
      expect(life.isStored).toBe(true);
      if (isWritten) await write(life, 'second', second);
      current = life.id;
    }
    return current;
  };

  beforeEach(() => {
    clock = jest.spyOn(Date, 'now').mockReturnValue(began);
    store = new CountingAdapter();
    process = startProcess(store, {
      lifetime: LIFETIME,
      absoluteLifetime: ABSOLUTE,
      renewAfter: RENEW_AFTER,
    });
  });

  afterEach(() => void jest.restoreAllMocks());

  describe.each([1, 45, 600, 7200])('back by %i s', (jump) => {
    it.each([true, false])(
      'extends the absolute life by no more than that (written: %s)',
      async (isWritten) => {
        const { id } = await beginSession(process, 'anna');
        const last = await useUntil(id, -jump, ABSOLUTE, isWritten);
        setTo(ABSOLUTE);
        expect(await isOpen(last)).toBe(false);
        expect(await process.store.owned.list('anna')).toEqual([]);
      },
    );

    it('extends the idle life by no more than that', async () => {
      const { id } = await beginSession(process);
      setTo(-jump);
      expect(await isOpen(id)).toBe(true);
      setTo(LIFETIME);
      expect(await isOpen(id)).toBe(false);
    });

    it('extends the way from an old id to its session by no more than that', async () => {
      const { id } = await beginSession(process);
      setTo(RENEW_AFTER);
      expect((await answered(process, id)).id).not.toBe(id);
      setTo(RENEW_AFTER - jump);
      expect(await isOpen(id)).toBe(true);
      setTo(RENEW_AFTER + ALIAS);
      expect(await isOpen(id)).toBe(false);
    });

    it('puts off the renewal of an id by no more than that', async () => {
      const { id } = await beginSession(process);
      setTo(-jump);
      expect((await process.visit(id)).id).toBe(id);
      setTo(RENEW_AFTER);
      expect((await process.visit(id)).id).not.toBe(id);
    });
  });

  it.each([
    [59, true],
    [599, true],
    [600, false],
    [86_400, false],
  ])('forward by %i s leaves the session open: %s', async (jump, leaves) => {
    const { id } = await beginSession(process);
    setTo(jump);
    expect(await isOpen(id)).toBe(leaves);
  });

  it('never gives the store a life that is no whole number, or longer than the lifetime', async () => {
    for (const jump of [-7200, -0.5, 0.5, 61.25, 599.999]) {
      setTo(0);
      const { id } = await beginSession(process, 'anna');
      setTo(jump);
      await write(await process.visit(id), 'jump', jump);
    }
    const ttls = store.calls
      .filter(({ key, ttl }) => ttl !== undefined && !key.includes('owner:'))
      .map(({ ttl }) => Number(ttl));
    expect(ttls.length).toBeGreaterThan(10);
    expect(ttls.filter((ttl) => !Number.isInteger(ttl) || ttl < 1 || ttl > LIFETIME)).toEqual([]);
  });
});
