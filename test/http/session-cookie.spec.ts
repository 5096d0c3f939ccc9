import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';
import type { SessionCookie, SessionCookieSettings } from '../../lib/http/session-cookie.js';
import { cookieWith } from '../support/cookie-with.js';

type Settings = Partial<SessionCookieSettings>;

const id = randomBytes(32).toString('base64url');

describe('the name of the cookie', () => {
  const names: [Settings, plain: string, secure: string][] = [
    [{}, 'sid', '__Host-sid'],
    [{ name: 'shop' }, 'shop', '__Host-shop'],
    [{ cookie: { path: '/app' } }, 'sid', '__Secure-sid'],
    [{ cookie: { domain: 'example.com' } }, 'sid', '__Secure-sid'],
    [{ cookie: { prefix: false } }, 'sid', 'sid'],
    [{ cookie: { secure: true } }, '__Host-sid', '__Host-sid'],
    [{ cookie: { secure: false } }, 'sid', 'sid'],
    [{ name: '__Secure-x', cookie: { secure: true } }, '__Secure-x', '__Secure-x'],
    [{ name: '__host-x', cookie: { secure: true } }, '__host-x', '__host-x'],
  ];

  it.each(names)('%j', (settings, plain, secure) => {
    const cookie = cookieWith(settings);
    expect(cookie.nameFor(false)).toBe(plain);
    expect(cookie.nameFor(true)).toBe(secure);
  });
});

describe('R19 reading', () => {
  const cookie = cookieWith();

  it('knows an id', () => {
    expect(cookie.read(`a=b; sid=${id}`, false)).toEqual({ kind: 'id', id });
    expect(cookie.read(`__Host-sid="${id}"`, true)).toEqual({ kind: 'id', id });
    expect(cookie.read(`sid=${id}; sid=${id}`, false)).toEqual({ kind: 'id', id });
  });

  it('reads one name only', () => {
    expect(cookie.read(`sid=${id}`, true)).toEqual({ kind: 'none' });
    expect(cookie.read(`__Host-sid=${id}`, false)).toEqual({ kind: 'none' });
    expect(cookie.read(undefined, true)).toEqual({ kind: 'none' });
  });

  it('takes two values for none', () => {
    expect(cookie.read(`sid=${id}; sid=x`, false)).toEqual({ kind: 'ambiguous' });
  });

  const malformed = ['', 'x', id.slice(1), `${id}A`, `${'+'.repeat(42)}A`];
  it.each(malformed)('refuses %j', (value) => {
    expect(cookie.read(`sid=${value}`, false)).toEqual({ kind: 'malformed' });
  });

  it.each(['A', 'a', '_'])('takes 43 times %j for an id', (character) => {
    const value = character.repeat(43);
    expect(cookie.read(`sid=${value}`, false)).toEqual({ kind: 'id', id: value });
  });
});

describe('R21 writing', () => {
  it('follows the connection', () => {
    const cookie = cookieWith();
    expect(cookie.serialize(id, false)).toBe(`sid=${id}; Path=/; HttpOnly; SameSite=Lax`);
    expect(cookie.serialize(id, true)).toBe(
      `__Host-sid=${id}; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
  });

  it('bears every attribute, also when it is cleared', () => {
    const cookie = cookieWith({
      cookie: {
        path: '/app',
        domain: 'example.com',
        sameSite: 'none',
        secure: true,
        partitioned: true,
        priority: 'high',
      },
    });
    const attributes =
      '; Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=None; Partitioned; Priority=High';
    expect(cookie.serialize(id, false, 60)).toBe(`__Secure-sid=${id}; Max-Age=60${attributes}`);
    expect(cookie.serializeCleared(false)).toBe(
      `__Secure-sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes}`,
    );
  });

  it('keeps Max-Age within what browser and session grant', () => {
    expect(cookieWith().serialize(id, true, 1e9)).toContain('; Max-Age=2592000;');
    const endless = cookieWith({ absoluteLifetime: false });
    expect(endless.serialize(id, true, 1e9)).toContain('; Max-Age=34560000;');
    expect(endless.serialize(id, true, 59.9)).toContain('; Max-Age=59;');
  });
});

describe('at boot', () => {
  const refused: [Settings, named: string][] = [
    [{ name: '' }, '`name`'],
    [{ name: 'a b' }, '`name`'],
    [{ name: 'a=b' }, '`name`'],
    [{ name: 'sïd' }, '`name`'],
    [{ name: 'a'.repeat(4050) }, '`name`'],
    [{ name: '__Host-x' }, '`cookie.secure`'],
    [{ name: '__Secure-x', cookie: { secure: false } }, '`cookie.secure`'],
    [{ name: '__Http-x' }, '`cookie.secure`'],
    [{ name: '__HOST-x', cookie: { secure: true, path: '/a' } }, '`cookie.path`'],
    [{ name: '__Host-x', cookie: { secure: true, domain: 'a.test' } }, '`cookie.domain`'],
    [{ cookie: { path: 'app' } }, '`cookie.path`'],
    [{ cookie: { path: '/a;b' } }, '`cookie.path`'],
    [{ cookie: { path: '/ä' } }, '`cookie.path`'],
    [{ cookie: { path: '/a\n' } }, '`cookie.path`'],
    [{ cookie: { path: `/${'a'.repeat(1024)}` } }, '`cookie.path`'],
    [{ cookie: { domain: '' } }, '`cookie.domain`'],
    [{ cookie: { domain: 'http://a.test' } }, '`cookie.domain`'],
    [{ cookie: { domain: 'a.test:80' } }, '`cookie.domain`'],
    [{ cookie: { domain: 'a.test; Secure' } }, '`cookie.domain`'],
    [{ cookie: { domain: 'ä.test' } }, '`cookie.domain`'],
    [{ cookie: { sameSite: 'none' } }, '`cookie.secure`'],
    [{ cookie: { sameSite: 'none', secure: false } }, '`cookie.secure`'],
    [{ cookie: { partitioned: true } }, '`cookie.partitioned`'],
    [{ cookie: { sameSite: 'Lax' as 'lax' } }, '`cookie.sameSite`'],
    [{ cookie: { secure: 'yes' as 'auto' } }, '`cookie.secure`'],
    [{ cookie: { priority: 'top' as 'high' } }, '`cookie.priority`'],
    [{ cookie: { clearWithBrowser: 0 as unknown as boolean } }, '`cookie.clearWithBrowser`'],
    [{ cookie: { httpOnly: false } as object }, '`cookie.httpOnly`'],
    [{ cookie: { httpOnly: true } as object }, 'the cookie is HttpOnly always'],
    [{ cookie: { maxAge: 60_000 } as object }, 'the option `lifetime` has the seconds'],
    [{ cookie: { maxAge: 5 } as object }, '`cookie.maxAge`'],
    [{ lifetime: 34_560_001, cookie: { clearWithBrowser: false } }, '`lifetime`'],
  ];

  it.each(refused)('stops for %j', (settings, named) => {
    const create = (): SessionCookie => cookieWith(settings);
    expect(create).toThrow(InvalidSessionOptionsException);
    expect(create).toThrow(named);
  });

  const accepted: Settings[] = [
    { cookie: { sameSite: 'none', secure: true } },
    { cookie: { domain: '.example.com', path: '/a b' } },
    { cookie: { domain: 'localhost', priority: undefined } },
    { lifetime: 34_560_000, cookie: { clearWithBrowser: false } },
    { lifetime: 34_560_001 },
  ];

  it.each(accepted)('takes %j', (settings) => {
    expect(cookieWith(settings).nameFor(true)).toMatch(/sid$/);
  });
});
