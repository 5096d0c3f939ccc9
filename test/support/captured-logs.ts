import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { leakWatch } from './leak-watch.js';

export interface CapturedLog {
  readonly level: 'error' | 'warn';
  /** Who logged it: 'SessionModule' for the package's own lines. */
  readonly context: string | undefined;
  /** All that was given to the logger, causes and stacks included. */
  readonly text: string;
}

/** Collects the warnings and errors of all of Nest's loggers until the end of the test. */
export function captureLogs(): CapturedLog[] {
  const logs: CapturedLog[] = [];
  for (const level of ['error', 'warn'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation(function (
      this: Logger,
      ...given: unknown[]
    ): void {
      const { context } = this as unknown as { context?: string };
      const text = given.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' ');
      leakWatch.said(...given);
      logs.push({ level, context, text });
    });
  }
  return logs;
}

/** The lines that the package itself has logged. */
export function ownLogs(logs: readonly CapturedLog[]): CapturedLog[] {
  return logs.filter(({ context }) => context === 'SessionModule');
}
