import { describe, expect, it } from '@jest/globals';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import { chooseServer } from '../../lib/adapters/memcached/choose-server.js';
import { expiryOf } from '../../lib/adapters/memcached/expiry.js';
import {
  type MemcachedAdapterOptions,
  memcachedSettings,
} from '../../lib/adapters/memcached/memcached-options.js';
import { MemcachedServer } from '../../lib/adapters/memcached/memcached-server.js';
import { InvalidSessionOptionsException } from '../../lib/exceptions/session.exceptions.js';

describe('options of the memcached adapter', () => {
  it.each<[MemcachedAdapterOptions, readonly [string, number][]]>([
    [{}, [['127.0.0.1', 11211]]],
    [{ persistent: true }, [['127.0.0.1', 11211]]],
    [{ host: 'cache.local' }, [['cache.local', 11211]]],
    [{ host: '::1', port: 11212 }, [['::1', 11212]]],
    [{ servers: ['cache'] }, [['cache', 11211]]],
    [
      { servers: ['cache:1', '10.0.0.1:65535'] },
      [
        ['cache', 1],
        ['10.0.0.1', 65_535],
      ],
    ],
    [
      { servers: ['[::1]:11212', '[fe80::1%eth0]', '::2'] },
      [
        ['::1', 11212],
        ['fe80::1%eth0', 11211],
        ['::2', 11211],
      ],
    ],
    [
      { servers: [{ host: 'a' }, { host: '::1', port: 2 }] },
      [
        ['a', 11211],
        ['::1', 2],
      ],
    ],
  ])('reads the servers of %j', (options, expected) => {
    const { addresses } = memcachedSettings(options);
    expect(addresses).toEqual(expected.map(([host, port]) => ({ host, port })));
  });

  it.each<[string, object]>([
    ['host', { host: '' }],
    ['host', { host: 'memcached://cache' }],
    ['host', { host: 'user:secret@cache' }],
    ['host', { host: '/run/memcached.sock' }],
    ['host', { host: 5 }],
    ['port', { port: 0 }],
    ['port', { port: 65_536 }],
    ['port', { port: 11211.5 }],
    ['port', { port: '11211' }],
    ['port', { port: Number.NaN }],
    ['servers', { servers: [] }],
    ['servers', { servers: 'cache:11211' }],
    ['servers', { servers: ['cache:0'] }],
    ['servers', { servers: ['cache:99999'] }],
    ['servers', { servers: [':11211'] }],
    ['servers', { servers: ['memcached://cache:11211'] }],
    ['servers', { servers: ['user:secret@cache:11211'] }],
    ['servers', { servers: ['[::1]x'] }],
    ['servers', { servers: [null] }],
    ['servers', { servers: [{ port: 11211 }] }],
    ['servers', { servers: ['cache', { host: 'cache', port: 11211 }] }],
    ['servers', { servers: ['cache'], host: 'other' }],
    ['servers', { servers: ['cache'], port: 11211 }],
    ['password', { username: 'kimbra' }],
    ['password', { username: 'kimbra', password: '' }],
    ['username', { password: 'secret' }],
    ['username', { username: 'a\0b', password: 'secret' }],
    ['persistent', { persistent: 'yes' }],
    ['storeTimeout', { storeTimeout: 0 }],
    ['storeTimeout', { storeTimeout: Number.NaN }],
    ['storeTimeout', { storeTimeout: Infinity }],
    ['storeTimeout', { storeTimeout: '2000' }],
  ])('refuses a senseless `%s`: %j', (option, options) => {
    const build = () => new MemcachedAdapter(options);
    expect(build).toThrow(InvalidSessionOptionsException);
    expect(build).toThrow(`\`${option}\``);
    expect(build).not.toThrow(/secret|kimbra/);
  });
});

describe('expiryOf', () => {
  const NOW = 1_700_000_000_900;

  it.each([
    [0.2, 2],
    [1, 2],
    [1.5, 3],
    [3600, 3601],
    [2_591_999, 2_592_000],
    [2_592_000, 1_702_592_001],
    [34_560_000, 1_734_560_001],
    [1e12, 0xffff_ffff],
  ])('R22 sends for %d seconds: %d', (ttl, expiry) => {
    expect(expiryOf(ttl, NOW)).toBe(expiry);
  });
});

describe('chooseServer', () => {
  const KEYS = Array.from({ length: 3000 }, (_, index) => `sess:${index}`);

  it('gives every server its share', () => {
    for (const share of shares([serverOf('a'), serverOf('b'), serverOf('c')])) {
      expect(share).toBeGreaterThan(800);
      expect(share).toBeLessThan(1200);
    }
  });

  it('does not depend on the order, nor on the process', () => {
    const list = [serverOf('a'), serverOf('b'), serverOf('c')];
    const chosen = KEYS.slice(0, 12).map((key) => chooseServer(list, key).address.host);
    const again = KEYS.slice(0, 12).map((key) => chooseServer(list.toReversed(), key).address.host);
    expect(again).toEqual(chosen);
    expect(chosen.join('')).toMatchInlineSnapshot(`"acbaacacbbac"`);
  });

  it('moves keys only to the server that is added', () => {
    const two = [serverOf('a'), serverOf('b')];
    const three = [...two, serverOf('c')];
    const moved = KEYS.filter((key) => chooseServer(two, key) !== chooseServer(three, key));
    expect(new Set(moved.map((key) => chooseServer(three, key).address.host))).toEqual(
      new Set('c'),
    );
    expect(moved.length).toBeLessThan(1200);
  });

  function shares(servers: readonly MemcachedServer[]): number[] {
    const chosen = KEYS.map((key) => chooseServer(servers, key));
    return servers.map((server) => chosen.filter((choice) => choice === server).length);
  }
});

function serverOf(host: string): MemcachedServer {
  return new MemcachedServer({ host, port: 11211 }, undefined);
}
