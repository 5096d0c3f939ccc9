import { afterAll, expect } from '@jest/globals';
import { leakWatch } from './leak-watch.js';

/*
 * Runs before each test file: whatever the file logs at any level, prints, warns of, or makes the
 * message of one of our exceptions, fails it if that holds an id that was issued in it, a sealed
 * text or a value that is marked as secret.
 */

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
const CONSOLE = ['error', 'warn', 'info', 'log', 'debug', 'trace'] as const;
const ID_BYTES = 32;
/** They load neither sessions nor loggers. */
const WITHOUT_SESSIONS = /\/test\/(?:record|repository|docs|types)\//;

/** Takes the watch off what outlives the test file: there the next file sets its own. */
const restores: (() => void)[] = [];

if (!WITHOUT_SESSIONS.test(expect.getState().testPath ?? '')) {
  noteIds();
  noteExceptions();
  for (const method of CONSOLE) noteCalls(console, method);
  for (const stream of [process.stdout, process.stderr]) noteCalls(stream, 'write');
  noteCalls(process, 'emitWarning');
  // After the ids: what it loads takes the functions that are there.
  const { Logger } = await import('@nestjs/common');
  for (const level of LEVELS) noteCalls(Logger.prototype, level);
  afterAll(() => {
    for (const restore of restores) restore();
    expect(leakWatch.leaks()).toEqual([]);
  });
}

/** Ids are the only 32 bytes that the package takes from the generator. */
function noteIds(): void {
  const crypto = process.getBuiltinModule('crypto');
  const { randomBytes } = crypto;
  const noting = (size: number): Buffer => {
    const bytes = randomBytes(size);
    if (size === ID_BYTES) leakWatch.issued(bytes.toString('base64url'));
    return bytes;
  };
  restores.push(() => (crypto.randomBytes = randomBytes));
  crypto.randomBytes = ((size: number, callback?: (error: Error | null, bytes: Buffer) => void) =>
    callback ? randomBytes(size, callback) : noting(size)) as typeof randomBytes;
}

/** Our exceptions are made by way of the Error that is there when their classes are. */
function noteExceptions(): void {
  globalThis.Error = new Proxy(Error, {
    construct(target, args: unknown[], newTarget: Function) {
      if (newTarget.name.includes('Session')) leakWatch.said(...args);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}

function noteCalls<Name extends string>(
  target: { [Method in Name]: (...given: never[]) => unknown },
  name: Name,
): void {
  const original: Function = target[name];
  const noting = function (this: unknown, ...given: unknown[]): unknown {
    leakWatch.said(...given);
    return Reflect.apply(original, this, given);
  };
  Object.assign(target, { [name]: noting });
  restores.push(() => Object.assign(target, { [name]: original }));
}
