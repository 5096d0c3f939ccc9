import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { inWhole, leakWatch } from '../support/leak-watch.js';

export { inWhole } from '../support/leak-watch.js';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
const CONSOLE = ['error', 'warn', 'info', 'log', 'debug', 'trace'] as const;

/** Everything that the process would show or write down until the end of the test, of every level. */
export function captureAllOutput(): string[] {
  const lines: string[] = [];
  const keep = (...given: unknown[]): void => {
    leakWatch.said(...given);
    lines.push(given.map(inWhole).join(' '));
  };
  for (const level of LEVELS) jest.spyOn(Logger.prototype, level).mockImplementation(keep);
  for (const method of CONSOLE) jest.spyOn(console, method).mockImplementation(keep);
  jest.spyOn(process, 'emitWarning').mockImplementation(keep);
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      keep(Buffer.from(chunk).toString());
      return true;
    });
  }
  return lines;
}
