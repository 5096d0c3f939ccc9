import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { addVaryCookie, forbidCaching } from '../../lib/http/cache-headers.js';

type HeaderValue = string | string[] | undefined;

function after(
  change: (response: ServerResponse) => void,
  name: string,
  value: HeaderValue,
): unknown {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  if (value !== undefined) response.setHeader(name, value);
  change(response);
  return response.getHeader(name);
}

describe('R21 Vary', () => {
  const cases: [HeaderValue, HeaderValue][] = [
    [undefined, 'Cookie'],
    ['', 'Cookie'],
    ['Accept', 'Accept, Cookie'],
    ['Accept, cookie', 'Accept, cookie'],
    ['X-Cookie', 'X-Cookie, Cookie'],
    ['*', '*'],
    [['Accept', 'Origin'], 'Accept, Origin, Cookie'],
    [
      ['Accept', 'COOKIE'],
      ['Accept', 'COOKIE'],
    ],
  ];

  it.each(cases)('%j becomes %j', (before, expected) => {
    expect(after(addVaryCookie, 'Vary', before)).toEqual(expected);
  });
});

describe('R21 Cache-Control', () => {
  const cases: [HeaderValue, HeaderValue][] = [
    [undefined, 'no-store'],
    ['public, max-age=60', 'no-store'],
    ['no-cache', 'no-store'],
    ['private="x-a"', 'no-store'],
    ['max-age=60, Private', 'max-age=60, Private'],
    ['NO-STORE', 'NO-STORE'],
    [
      ['max-age=1', 'private'],
      ['max-age=1', 'private'],
    ],
  ];

  it.each(cases)('%j becomes %j', (before, expected) => {
    expect(after(forbidCaching, 'Cache-Control', before)).toEqual(expected);
  });
});
