import { describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { readSealingKeys } from '../../lib/record/sealing-keys.js';
import { Sealing } from '../../lib/record/sealing.js';

const PLACE = 'sess:some-key';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const wellFormed = fc.string({ unit: 'grapheme' });

describe('sealing', () => {
  const oldKey = randomBytes(32);
  const newKey = randomBytes(32);
  const sealing = sealingWith(oldKey);

  it('opens what it has sealed, whatever the text and the place', () => {
    fc.assert(
      fc.property(
        wellFormed,
        wellFormed,
        (text, place) => sealing.open(sealing.seal(text, place), place) === text,
      ),
      { numRuns: 300 },
    );
  });

  it('opens in no other place', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (place, other) => {
        fc.pre(place !== other);
        return sealing.open(sealing.seal('text', place), other) === undefined;
      }),
      { numRuns: 300 },
    );
  });

  it('opens for no other purpose', () => {
    const forCookies = new Sealing(readSealingKeys({ keys: [oldKey] }), 'cookie');
    const sealed = sealing.seal('text', PLACE);
    expect(sealing.open(sealed, PLACE)).toBe('text');
    expect(forCookies.open(sealed, PLACE)).toBeUndefined();
  });

  it('opens with no other key, under whichever name of a key', () => {
    const sealed = sealing.seal('text', PLACE);
    const other = sealingWith(newKey);
    expect(other.open(sealed, PLACE)).toBeUndefined();
    const itsName = other.seal('text', PLACE).split('.')[1];
    const [format, , body] = sealed.split('.');
    expect(other.open(`${format}.${itsName}.${body}`, PLACE)).toBeUndefined();
  });

  it('seals with the newest key and opens with all of them', () => {
    const sealed = sealing.seal('text', PLACE);
    const rotating = sealingWith(newKey, oldKey);
    const resealed = rotating.seal('text', PLACE);
    expect(rotating.open(sealed, PLACE)).toBe('text');
    expect(sealingWith(newKey).open(resealed, PLACE)).toBe('text');
    expect(sealing.open(resealed, PLACE)).toBeUndefined();
  });

  it('R24 opens nothing of which one character was changed', () => {
    const sealed = sealing.seal('{"name":"Kimbra"}', PLACE);
    for (let at = 0; at < sealed.length; at++) {
      for (const character of changesOf(sealed.charAt(at))) {
        const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
        expect([at, sealing.open(changed, PLACE)]).toEqual([at, undefined]);
      }
    }
  });

  it('R24 opens nothing that was cut, prolonged or padded', () => {
    const sealed = sealing.seal('text', PLACE);
    for (let length = 0; length < sealed.length; length++) {
      expect(sealing.open(sealed.slice(0, length), PLACE)).toBeUndefined();
    }
    for (const more of ['A', 'AAAA', '=', '.', '.A', ' ', '\n', '!']) {
      expect(sealing.open(sealed + more, PLACE)).toBeUndefined();
      expect(sealing.open(more + sealed, PLACE)).toBeUndefined();
    }
  });

  it('R24 opens nothing that was never sealed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => sealing.open(text, PLACE) === undefined),
      { numRuns: 300 },
    );
    expect(sealing.open(`{"format":1,"key":"${PLACE}"}`, PLACE)).toBeUndefined();
  });

  it('writes the same text differently every time, and shows nothing of it', () => {
    const text = 'Kimbra Johnson '.repeat(20);
    const sealed = Array.from({ length: 20 }, () => sealing.seal(text, PLACE));
    const bodies = sealed.map((each) => Buffer.from(each.split('.')[2] ?? '', 'base64url'));
    expect(new Set(bodies.map((body) => body.toString('hex', 0, 24))).size).toBe(20);
    expect(new Set(bodies.map((body) => body.toString('hex', 24, 40))).size).toBe(20);
    for (const body of bodies) expect(body.toString('latin1')).not.toContain('Kimbra');
  });

  it('is ASCII that every store takes, and 71 characters and a third longer than the text', () => {
    const sealed = sealing.seal('x'.repeat(3000), PLACE);
    expect(sealed).toMatch(/^sealed1\.[\w-]{8}\.[\w-]+$/);
    expect(sealed).toHaveLength(4071);
  });

  it('opens what the first release has sealed', () => {
    const released = sealingWith(createHash('sha256').update('a key for this test').digest());
    const sealed =
      'sealed1.B6BJplaf.-9QZFdeXE1xuFndhvg1sBsYzt1jFmDcaGBuyV8V2SJQ02FwELU1TS8YvJzBpPBnD-9hKM0Af-3CzZ5rDjWs';
    expect(released.open(sealed, PLACE)).toBe('Kimbra Johnson, 22 ✓');
  });

  it('shows no key when it is printed', () => {
    const printed = inspect(sealing, { depth: 9, showHidden: true });
    expect(printed).not.toContain(oldKey.toString('hex').slice(0, 16));
    expect(printed).not.toMatch(/buffer|secret/i);
  });
});

function sealingWith(...keys: Uint8Array[]): Sealing {
  return new Sealing(readSealingKeys({ keys }), 'record');
}

/** Another character in its place, and the one that differs from it in the last bit only. */
function changesOf(character: string): string[] {
  const value = BASE64URL.indexOf(character);
  return value === -1 ? ['A'] : [BASE64URL.charAt(value ^ 1), BASE64URL.charAt(value ^ 32), '.'];
}
