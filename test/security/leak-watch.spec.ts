import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SessionContextException } from 'nestjs-session-bag';
import { createId } from '../../lib/record/ids.js';
import { captureLogs } from '../support/captured-logs.js';
import { leakWatch } from '../support/leak-watch.js';
import { captureAllOutput } from './all-output.js';

const logger = new Logger('test');

describe('every test file is watched for leaks', () => {
  afterEach(() => leakWatch.forget());

  it.each<[string, (text: string) => unknown]>([
    ['a log line of the lowest level', (text) => logger.verbose(`began ${text}`)],
    ['an object in a log line', (text) => logger.debug({ a: [{ [text]: 1 }] })],
    ['the console', (text) => console.debug(text)],
    ['standard error', (text) => process.stderr.write('', () => text) && console.error(text)],
    ['a warning of the process', (text) => process.emitWarning(text)],
    ['an exception of ours', (text) => new SessionContextException(`No session: ${text}`)],
    ['the cause of one', (text) => new SessionContextException('No', { cause: new Error(text) })],
  ])('in %s', (_, say) => {
    captureConsole();
    for (const secret of [createId(), `sid=${createId()};`, `x_${createId()}-`, 'canary-1']) {
      leakWatch.forget();
      say(secret);
      expect(leakWatch.leaks()).toHaveLength(1);
    }
    leakWatch.forget();
    say('nothing of that');
    expect(leakWatch.leaks()).toEqual([]);
  });

  it('where a test captures what is logged, too', () => {
    captureLogs();
    logger.warn(createId());
    captureAllOutput();
    console.log(createId());
    expect(leakWatch.leaks()).toHaveLength(2);
  });

  it('for sealed cookies, whoever has sealed them', () => {
    leakWatch.said(`opened sealed1.abcdefgh.${'x'.repeat(80)}`);
    leakWatch.said('a text that begins with sealed1.');
    expect(leakWatch.leaks()).toHaveLength(1);
  });
});

/** Keeps the output of the tests clean; what is said is noted all the same. */
function captureConsole(): void {
  captureAllOutput();
}
