import { describe, expect, it } from '@jest/globals';
import { createOwnClient } from '../../lib/adapters/redis/own-client.js';
import { redisSettings } from '../../lib/adapters/redis/redis-options.js';
import type { RedisClient } from '../../lib/adapters/redis/redis-client.js';
import { RedisAdapter, type RedisAdapterOptions } from '../../lib/adapters/redis.adapter.js';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';

const client: RedisClient = { isOpen: true, sendCommand: () => Promise.resolve(null) };

describe('The options of the Redis adapter', () => {
  it.each<[string, RedisAdapterOptions, RegExp]>([
    ['url with host', { url: 'redis://a', host: 'b' }, /url and host exclude each other/],
    ['url with port', { url: 'redis://a', port: 1 }, /url and port exclude each other/],
    ['client with host', { client, host: 'b' }, /client and host exclude each other/],
    ['client with db', { client, db: 0 }, /client and db exclude each other/],
    ['client with url', { client, url: 'redis://a' }, /client and url exclude each other/],
    [
      'a client of neither kind',
      { client: {} as RedisClient },
      /client must be a client of ioredis/,
    ],
    ['no client at all', { client: null as never }, /client must be a client of ioredis/],
    ['an empty host', { host: ' ' }, /host must not be empty/],
    ['port 0', { port: 0 }, /port must be a whole number/],
    ['a port too high', { port: 65_536 }, /port must be a whole number/],
    ['half a port', { port: 6379.5 }, /port must be a whole number/],
    ['a negative db', { db: -1 }, /db must be a whole number/],
    ['half a db', { db: 1.5 }, /db must be a whole number/],
    ['no time', { storeTimeout: 0 }, /storeTimeout must be/],
    ['endless time', { storeTimeout: Infinity }, /storeTimeout must be/],
    ['another protocol', { url: 'http://a' }, /url must look like/],
    ['a url without host', { url: 'redis:///1' }, /url must look like/],
    ['no url', { url: 'localhost' }, /url must look like/],
    ['a url with a query', { url: 'redis://a?family=6' }, /url has a part after "\?"/],
    ['a db that is a word', { url: 'redis://a/main' }, /db must be a whole number/],
  ])('refuse %s', (_, options, sentence) => {
    const construct = (): RedisAdapter => new RedisAdapter(options);
    expect(construct).toThrow(InvalidSessionOptionsException);
    expect(construct).toThrow(sentence);
  });

  it('never repeat the password of a url that they refuse', () => {
    const options = { url: 'redis://u:s3cret%zz@a' };
    expect(() => new RedisAdapter(options)).toThrow(/^(?!.*s3cret).*%XX/);
  });

  it('default to the local server', () => {
    expect(redisSettings({})).toEqual({
      address: { host: '127.0.0.1', port: 6379, db: 0 },
      storeTimeout: 2000,
    });
  });

  it('are taken out of a url', () => {
    expect(redisSettings({ url: 'rediss://me:p%40ss@[::1]:7000/3' }).address).toEqual({
      host: '::1',
      port: 7000,
      username: 'me',
      password: 'p@ss',
      db: 3,
      tls: {},
    });
  });

  it('override what the url says of login, db and TLS', () => {
    const tls = { servername: 'redis.example' };
    expect(
      redisSettings({ url: 'rediss://:old@a/1', username: 'me', password: 'new', db: 2, tls })
        .address,
    ).toEqual({ host: 'a', port: 6379, username: 'me', password: 'new', db: 2, tls });
  });

  it('accept true for TLS with its defaults', () => {
    expect(redisSettings({ tls: true }).address.tls).toEqual({});
    expect(redisSettings({ tls: false }).address.tls).toBeUndefined();
  });
});

describe('The own client', () => {
  it('tells how to install ioredis when it is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const creating = createOwnClient({ host: 'a', port: 1, db: 0 }, 100, () =>
      Promise.reject(missing),
    );
    await expect(creating).rejects.toThrow(InvalidSessionOptionsException);
    await expect(creating).rejects.toThrow(/npm install ioredis/);
  });
});
