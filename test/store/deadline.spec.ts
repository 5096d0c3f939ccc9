import { describe, expect, it, jest } from '@jest/globals';
import { SessionStoreUnavailableException } from 'nestjs-session-bag';
import { Deadline } from '../../lib/store/deadline.js';
import { failureOf } from '../support/failure-of.js';

const never = new Promise<never>(() => undefined);

describe('R23 a deadline', () => {
  it('keeps no process alive for a store that hangs', async () => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    const raced = failureOf(new Deadline(20).race(never));
    expect(timer.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([
      false,
    ]);
    const keeper = setInterval(() => undefined, 1000);
    expect(await raced).toBeInstanceOf(SessionStoreUnavailableException);
    clearInterval(keeper);
  });

  it('passes on a call that rejects at once', async () => {
    const fault = new Error('no');
    expect(await failureOf(new Deadline(1000).race(Promise.reject(fault)))).toBe(fault);
  });
});
