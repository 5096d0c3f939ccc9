import { describe, expect, it, jest } from '@jest/globals';
import { RequestCookie } from '../../lib/http/request-cookie.js';
import type { SessionService } from '../../lib/session.service.js';

function cookieOf() {
  const setLifetime = jest.fn();
  const cookie = new RequestCookie({ setLifetime } as unknown as SessionService, {
    options: {},
    isSecure: false,
    maxAge: () => null,
  });
  return { cookie, setLifetime };
}

describe('req.session.cookie', () => {
  it.each([null, undefined, false] as const)(
    'takes %p for a cookie that ends with the browser, as express-session does',
    (none) => {
      const { cookie, setLifetime } = cookieOf();
      cookie.expires = none;
      cookie.maxAge = none;
      expect([cookie.expires, cookie.maxAge]).toEqual([null, null]);
      expect(setLifetime).not.toHaveBeenCalled();
    },
  );

  it('gives the session the life that milliseconds or a Date say', () => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    const { cookie, setLifetime } = cookieOf();
    cookie.maxAge = 59_001;
    cookie.expires = new Date(Date.now() + 90_000);
    cookie.maxAge = new Date(Date.now() + 30_000) as never;
    expect(setLifetime.mock.calls).toEqual([[60], [90], [30]]);
    jest.useRealTimers();
  });

  it.each(['60000', true, {}, 60n])('refuses %p with a sentence', (wrong) => {
    const { cookie, setLifetime } = cookieOf();
    expect(() => (cookie.maxAge = wrong as never)).toThrow(TypeError);
    expect(() => (cookie.expires = wrong as never)).toThrow('cookie.expires takes a Date, or null');
    expect(() => (cookie.expires = new Date(Number.NaN))).toThrow(TypeError);
    expect(() => (cookie.expires = 60_000 as never)).toThrow(TypeError);
    expect(setLifetime).not.toHaveBeenCalled();
  });
});
