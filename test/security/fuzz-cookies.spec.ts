import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { readCookie } from '../../lib/http/cookie-header.js';
import { cookieWith } from '../support/cookie-with.js';
import { platforms } from '../support/http-apps.js';
import { bodyOf, rawRequest, statusOf } from '../support/raw-exchange.js';
import { startVisitorApp, type VisitorApp } from './visitor-app.js';

const ID_SHAPE = /^[\w-]{43}$/;
const ONE_MEGABYTE = 1 << 20;

const anyId = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(base64url);

/** What stands in headers, and what must not: our names, near misses, and any character. */
const anyPiece = fc.oneof(
  fc.constantFrom('sid', '__Host-sid', '__proto__', '=', ';', '; ', '"', ' ', '\t', '\u00a0', ','),
  fc.string({ unit: 'binary', maxLength: 6 }),
  anyId,
);
const anyHeader = fc.array(anyPiece, { maxLength: 24 }).map((pieces) => pieces.join(''));

/** The same, of what Node lets into a header. */
const anySentHeader = anyHeader.map((header) =>
  header.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, ''),
);

/** A cookie of somebody else's. */
const otherCookie = fc
  .tuple(fc.stringMatching(/^[a-z_%.-]{1,8}$/), fc.stringMatching(/^[^;]{0,12}$/))
  .filter(([name]) => name !== 'sid')
  .map(([name, value]) => `${name}=${value}`);

describe('any Cookie header', () => {
  const cookie = cookieWith();

  it('R19 is read without an error, and gives an id only of the right form', () => {
    fc.assert(
      fc.property(anyHeader, fc.boolean(), (header, isSecure) => {
        const reading = cookie.read(header, isSecure);
        if (reading.kind !== 'id') return;
        expect(reading.id).toMatch(ID_SHAPE);
        expect(base64url(Buffer.from(reading.id, 'base64url'))).toBe(reading.id);
        expect(header).toContain(reading.id);
      }),
      { numRuns: 3000 },
    );
  });

  it('R19 gives our id wherever it stands among other cookies', () => {
    const others = fc.array(otherCookie, { maxLength: 6 });
    fc.assert(
      fc.property(
        others,
        anyId,
        others,
        fc.constantFrom('', ' ', '\t '),
        (before, id, after, blank) => {
          const ours = `sid${blank}=${blank}${id}${blank}`;
          const header = [...before, ours, ...after].join('; ');
          expect(cookie.read(header, false)).toEqual({ kind: 'id', id });
          expect(cookie.read(`${header}; sid="${id}"`, false)).toEqual({ kind: 'id', id });
          expect(cookie.read(header, true)).toEqual({ kind: 'none' });
        },
      ),
    );
  });

  it('R19 is ambiguous as soon as two values differ, in whichever order', () => {
    fc.assert(
      fc.property(anyId, anyHeader.filter(isNoneOf('sid')), (id, other) => {
        const value = other.replaceAll(/[;\s]/g, '').replaceAll('"', '');
        for (const header of [`sid=${id}; sid=x${value}`, `sid=x${value}; sid=${id}`]) {
          expect(cookie.read(header, false)).toEqual({ kind: 'ambiguous' });
        }
      }),
    );
  });

  it.each([
    ['blanks', ' '],
    ['semicolons', ';'],
    ['quotes', '"'],
    ['names', 'sid='],
    ['pairs', 'sid=a; '],
    ['blanks before a name', '; \t \t \tsid'],
  ])('R19 is read in linear time: a megabyte of %s', (_, piece) => {
    const header = `sid${piece.repeat(ONE_MEGABYTE / piece.length)}`;
    const began = process.cpuUsage();
    readCookie(header, 'sid');
    const { user, system } = process.cpuUsage(began);
    // A quadratic reader would take minutes.
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

describe('a Cookie header on both platforms', () => {
  const adapter = new MemoryAdapter();
  const apps: VisitorApp[] = [];
  let id = '';

  beforeAll(async () => {
    for (const platform of platforms) apps.push(await startVisitorApp(platform, adapter));
    const { port = 0 } = apps[0] ?? {};
    const login = await rawRequest(port, 'POST /login/anna', ['Content-Length: 0']);
    id = /sid=([\w-]{43})/.exec(login)?.[1] ?? '';
  });

  afterAll(async () => {
    for (const app of apps) await app.close();
  });

  it('R19 means the same, whatever their own parsers would make of it', async () => {
    const withOurs = fc
      .tuple(anySentHeader, fc.constantFrom('; ', ';', ''), anySentHeader, fc.boolean())
      .map(([before, glue, after, isOurs]) =>
        isOurs ? `${before}${glue}sid=${id}${glue}${after}` : `${before}${glue}${after}`,
      );
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(withOurs, async (header) => {
        const answers = await Promise.all(
          apps.map(({ port }) => rawRequest(port, 'GET /me', [`Cookie: ${header}`])),
        );
        const seen = answers.map((bytes) => [statusOf(bytes), bodyOf(bytes)]);
        expect(seen[0]).toEqual(seen[1]);
        expect(seen[0]?.[0]).toBe(200);
        if (seen[0]?.[1]?.toString().includes('anna')) opened++;
      }),
      { numRuns: 150 },
    );
    expect(opened).toBeGreaterThan(10);
  });
});

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function isNoneOf(name: string): (header: string) => boolean {
  return (header) => !header.includes(name);
}
