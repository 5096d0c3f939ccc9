import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import { InvalidSessionOptionsException } from 'nestjs-session-bag';
import { fromConnectSid } from 'nestjs-session-bag/express-session';
import { secret, visitBefore } from './site-of-before.js';

describe('fromConnectSid', () => {
  it.each([
    ['connect.sid', 'Path=/; HttpOnly'],
    ['__Host-sid', 'Path=/; HttpOnly; Secure'],
    ['__Secure-sid', 'Path=/; HttpOnly; Secure'],
  ])('clears %s as browsers would have it', async (name, attributes) => {
    const store = new session.MemoryStore();
    const [, value] = await visitBefore(store);
    const found = fromConnectSid({ store, secret, name }).find(value);
    expect(found?.clearedCookie.split('GMT; ')).toEqual([expect.anything(), attributes]);
  });

  it.each([
    [{ storeTimeout: 0 }, /storeTimeout/],
    [{ secret: '' }, /secret/],
    [{ secret: [] }, /secret/],
    [{ name: 'a b' }, /name/],
    [{ store: {} }, /store/],
    [{ store: undefined }, /store/],
  ])('refuses %p', (options, message) => {
    const all = { store: new session.MemoryStore(), secret, ...options } as never;
    expect(() => fromConnectSid(all)).toThrow(InvalidSessionOptionsException);
    expect(() => fromConnectSid(all)).toThrow(message);
  });
});
