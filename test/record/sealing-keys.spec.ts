import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import { readSealingKeys } from '../../lib/record/sealing-keys.js';

const secret = randomBytes(32);

describe('the keys of the option encryption', () => {
  it.each([
    ['a Buffer', secret],
    ['bytes', new Uint8Array(secret)],
    ['base64url', secret.toString('base64url')],
    ['base64', secret.toString('base64')],
    ['hexadecimal digits', secret.toString('hex')],
    ['hexadecimal digits in capitals', secret.toString('hex').toUpperCase()],
  ])('may be %s', (_, key) => {
    const [read] = readSealingKeys({ keys: [key] });
    expect(read.secret.export()).toEqual(secret);
  });

  it('are known by an id that stays the same and differs from key to key', () => {
    const idOf = (key: Uint8Array): string => readSealingKeys({ keys: [key] })[0].id;
    expect(idOf(secret)).toBe(idOf(Buffer.from(secret)));
    const ids = Array.from({ length: 50 }, () => idOf(randomBytes(32)));
    expect(new Set(ids).size).toBe(50);
  });

  it('keep the order in which they were given', () => {
    const given = [randomBytes(32), randomBytes(48), randomBytes(32)];
    const read = readSealingKeys({ keys: given });
    expect(read.map((key) => key.secret.export())).toEqual(given);
  });

  it('are copied, so that the application may wipe its own', () => {
    const given = Buffer.from(secret);
    const [read] = readSealingKeys({ keys: [given] });
    given.fill(0);
    expect(read.secret.export()).toEqual(secret);
  });

  it('do not show when they are printed', () => {
    const printed = inspect(readSealingKeys({ keys: [secret] }), { depth: 9, showHidden: true });
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      expect(printed).not.toContain(secret.toString(encoding).slice(0, 20));
    }
  });

  it.each([
    ['no object', 'secret'],
    ['null', null],
    ['a key in place of the object', randomBytes(32)],
    ['a list in place of the object', [randomBytes(32)]],
    ['nothing', {}],
    ['no list', { keys: randomBytes(32).toString('hex') }],
    ['an empty list', { keys: [] }],
    ['another option', { keys: [randomBytes(32)], algorithm: 'aes-128-cbc' }],
    ['the same key twice', { keys: [secret, randomBytes(32), secret.toString('hex')] }],
  ])('are refused for %s', (_, encryption) => {
    expect(refusal(encryption)).toMatch(/"encryption".*node -e/s);
  });

  it.each([
    ['an empty text', ''],
    ['what an unset variable gives', undefined],
    ['a number', Number.MAX_SAFE_INTEGER],
    ['31 bytes', randomBytes(31)],
    ['31 bytes in base64url', randomBytes(31).toString('base64url')],
    ['31 bytes in hexadecimal digits', randomBytes(31).toString('hex')],
    ['zeros', Buffer.alloc(32)],
    ['one character again and again', 'x'.repeat(64)],
    ['one hexadecimal digit again and again', 'f'.repeat(64)],
    ['digits in their order', '0123456789abcdef'.repeat(4)],
    ['a word again and again', 'ChangeMe'.repeat(8)],
    ['bytes in their order', Buffer.from(Array.from({ length: 64 }, (_, index) => index))],
    ['bytes in steps', Buffer.from(Array.from({ length: 64 }, (_, index) => index * 7))],
    ['words', 'correct-horse-battery-staple-and-some-more-words-of-it'],
    ['a sentence', 'This is the secret of our application, and nobody shall know it.'],
  ])('are refused when one is guessable or short: %s', (_, key) => {
    const text = refusal({ keys: [randomBytes(32), key] });
    expect(text).toMatch(/"encryption".*keys\[1\].*node -e/s);
  });

  it.each(['secret', 'ChangeMe'.repeat(8), randomBytes(31).toString('hex')])(
    'are refused without being shown',
    (key) => {
      expect(refusal({ keys: [key] })).not.toContain(key);
    },
  );

  it('are accepted whatever bytes chance brings', () => {
    for (let run = 0; run < 2000; run++) {
      const bytes = randomBytes(32);
      expect(() => readSealingKeys({ keys: [bytes] })).not.toThrow();
    }
  });
});

function refusal(encryption: unknown): string {
  try {
    readSealingKeys(encryption);
  } catch (error) {
    if (error instanceof InvalidSessionOptionsException) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}
