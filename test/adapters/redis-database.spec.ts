import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';

describe('The Redis adapter with the option db', () => {
  let server: ServerProcess;
  const denied = '--user denied on >secret ~sess:* +@connection -select +set +getex';

  beforeAll(async () => {
    server = await startRedis('--databases', '4', ...denied.split(' '));
  });
  afterAll(() => server.stop());

  it('keeps sessions in that database', async () => {
    const adapter = new RedisAdapter({ port: server.port, db: 3 });
    await adapter.open();
    expect(await adapter.create('sess:a', 'data', 60)).toBe(true);
    expect(await adapter.read('sess:a')).toMatchObject({ data: 'data' });
    expect(await redisCommand(server.port, 'KEYS', 'sess:*')).toMatch(/^\*0\s/);
    await adapter.close();
  });

  it.each([
    ['that the server does not have', { db: 9 }],
    ['that its user may not select', { db: 2, username: 'denied', password: 'secret' }],
  ])('does not take another one for one %s', async (_, options) => {
    const adapter = new RedisAdapter({ port: server.port, ...options });
    const atBoot = await failureOf(adapter.open());
    expect(atBoot).toBeInstanceOf(InvalidSessionOptionsException);
    expect(atBoot.message).toContain('the option db');
    const later = await failureOf(adapter.create('sess:b', 'data', 60));
    expect(later).toBeInstanceOf(SessionStoreUnavailableException);
    expect(later.message).toContain('the option db');
    expect(await redisCommand(server.port, 'KEYS', 'sess:*')).toMatch(/^\*0\s/);
    await adapter.close();
  });
});
