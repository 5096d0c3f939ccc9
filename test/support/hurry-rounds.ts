import { jest } from '@jest/globals';

/** Milliseconds between two rounds of looks at the sockets' sessions. */
const ROUND = 1000;
const HURRIED = 20;

/** For the rest of the test a round begins soon after the last one; other timers take their time. */
export function hurryRounds(): void {
  const { setTimeout } = globalThis;
  const hurried = (
    callback: (...given: unknown[]) => void,
    ms?: number,
    ...given: unknown[]
  ): NodeJS.Timeout => setTimeout(callback, ms === ROUND ? HURRIED : ms, ...given);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(hurried as typeof setTimeout);
}
