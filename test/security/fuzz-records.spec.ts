import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sealId, unsealId } from '../../lib/record/alias.js';
import { UnreadableRecordError } from '../../lib/record/frame.js';
import { createId, ownerKey, sessionKey } from '../../lib/record/ids.js';
import { parseOwnerList, serializeOwnerList } from '../../lib/record/owner-list.js';
import { parseRecord, serializeRecord, type SessionRecord } from '../../lib/record/record.js';
import { anyName, anyTree } from '../record/any-value.js';

const ID_SHAPE = /^[\w-]{43}$/;

const anyId = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(base64url);

const anyRecord: fc.Arbitrary<SessionRecord> = fc.record({
  createdAt: fc.nat(),
  owner: fc.option(anyName, { nil: undefined }),
  writes: fc.constant(''),
  variables: fc.array(fc.tuple(anyName, anyTree), { maxLength: 4 }).map((all) => new Map(all)),
});

const anyKey = anyId.map((id) => sessionKey('sess:', id));

describe('any stored record', () => {
  it('R24 is refused with any one character changed, and wherever it is cut off', () => {
    fc.assert(
      fc.property(
        anyKey,
        anyRecord,
        fc.nat(),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        (key, record, at, put) => {
          const data = serializeRecord(key, record);
          const index = at % data.length;
          const changed = data.slice(0, index) + put + data.slice(index + 1);
          expect(isRefused(key, changed)).toBe(changed !== data);
          expect(isRefused(key, data.slice(0, index))).toBe(true);
          expect(isRefused(key, data.slice(index + 1))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('R24 is refused with every bit of it flipped', () => {
    const key = sessionKey('sess:', createId());
    const variables = new Map<string, unknown>([['cart', { items: ['naïve', 1n] }]]);
    const bytes = Buffer.from(serializeRecord(key, { createdAt: 1, writes: '', variables }));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(isRefused(key, flipped.toString())).toBe(true);
    }
  });

  it("R24 is refused under any other key, as an owner's list too", () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyRecord, (key, other, record) => {
        fc.pre(key !== other);
        const data = serializeRecord(key, record);
        expect(isRefused(other, data)).toBe(true);
        expect(() => parseOwnerList(key, data)).toThrow(UnreadableRecordError);
        const list = serializeOwnerList(key, { sessions: [] });
        expect(isRefused(key, list)).toBe(true);
      }),
    );
  });

  it('R24 is refused, and nothing else, whatever text stands in its place', () => {
    fc.assert(
      fc.property(anyKey, fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (key, data) => {
        expect(isRefused(key, data)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any id', () => {
  it('R19 is new, of the right form, and not to be found in its key', () => {
    const ids = Array.from({ length: 2000 }, createId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !ID_SHAPE.test(id))).toEqual([]);
    expect(ids.filter((id) => sessionKey('', id).includes(id))).toEqual([]);
    expect(new Set(ids.map((id) => sessionKey('', id))).size).toBe(ids.length);
  });

  it('has another key than any owner, even one who is called like it', () => {
    fc.assert(
      fc.property(anyName, anyId, (owner, id) => {
        const keys = [
          sessionKey('p', id),
          ownerKey('p', id),
          ownerKey('p', owner),
          sessionKey('p', owner),
        ];
        expect(new Set(keys).size).toBe(owner === id ? 2 : 4);
      }),
    );
  });

  it('that was renewed leads to the new one or nowhere, however its alias is changed', () => {
    fc.assert(
      fc.property(anyId, anyId, fc.nat(), fc.nat(63), (oldId, newId, at, put) => {
        const sealed = sealId(newId, oldId);
        const index = at % sealed.length;
        const letter = base64url(Buffer.from([put << 2])).charAt(0);
        const changed = sealed.slice(0, index) + letter + sealed.slice(index + 1);
        // The last character has bits to spare: some changes of it are none.
        const isSame = Buffer.from(changed, 'base64url').equals(Buffer.from(sealed, 'base64url'));
        expect(newIdOf(changed, oldId)).toBe(isSame ? newId : undefined);
      }),
      { numRuns: 500 },
    );
  });
});

/** Whether that is no record; other errors than the one that says so go through. */
function isRefused(key: string, data: string): boolean {
  try {
    parseRecord(key, data);
    return false;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return true;
    throw error;
  }
}

function newIdOf(sealed: string, oldId: string): string | undefined {
  try {
    return unsealId(sealed, oldId);
  } catch {
    return undefined;
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
