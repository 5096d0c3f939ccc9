import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../sample/settings.js';

describe('readSettings', () => {
  const defaults = { platform: 'express', port: 3000, storeName: 'memory' };

  it('has defaults, also for variables that are empty', () => {
    expect(readSettings({})).toEqual(defaults);
    expect(readSettings({ PORT: '', PLATFORM: '', SESSION_ADAPTER: '' })).toEqual(defaults);
  });

  it('takes what is chosen', () => {
    const env = { PORT: '0', PLATFORM: 'fastify', SESSION_ADAPTER: 'redis' };
    expect(readSettings(env)).toEqual({ platform: 'fastify', port: 0, storeName: 'redis' });
  });

  it.each(['abc', '-1', '65536', '3000.5', '0x10', ' '])('refuses PORT=%s', (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(
      new Error('PORT is a whole number from 0 to 65535, where 0 takes one that is free.'),
    );
  });

  it.each(['koa', 'Express', 'constructor'])('refuses PLATFORM=%s', (PLATFORM) => {
    expect(() => readSettings({ PLATFORM })).toThrow(new Error('PLATFORM is express or fastify.'));
  });
});
