import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { SessionModule, type SessionModuleOptions } from 'nestjs-session-bag';
import { SessionHealthIndicator } from 'nestjs-session-bag/terminus';
import { CookieAdapter } from '../../lib/adapters/cookie.adapter.js';
import { DatabaseAdapter } from '../../lib/adapters/database.adapter.js';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemcachedAdapter } from '../../lib/adapters/memcached.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { NoopAdapter } from '../../lib/adapters/noop.adapter.js';
import { RedisAdapter } from '../../lib/adapters/redis.adapter.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type Platform, type RunningApp, startApp } from '../support/http-apps.js';
import { startMemcached } from '../support/memcached-server.js';
import { pollUntil } from '../support/poll.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { StallingAdapter } from '../support/stalling-adapter.js';

@Controller()
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly session: SessionHealthIndicator,
  ) {}

  @Get('health')
  @HealthCheck()
  check() {
    return this.health.check([() => this.session.isHealthy('sessions')]);
  }
}

/** What terminus answers while the store is there, and while it is not. */
const UP = { status: 'ok', details: { sessions: { status: 'up' } } };
const DOWN = {
  status: 'error',
  error: { sessions: { status: 'down', message: 'The session store does not answer.' } },
};

const startHealth = (platform: Platform, options: SessionModuleOptions): Promise<RunningApp> =>
  startApp(platform, {
    imports: [SessionModule.forRoot(options), TerminusModule.forRoot()],
    controllers: [HealthController],
    providers: [SessionHealthIndicator],
  });

const healthOf = ({ url }: RunningApp): Promise<Answer> => new Client(url).get('/health');

describe.each(platforms)('SessionHealthIndicator on %s', (platform) => {
  it('is down while an adapter without a ping does not answer its reads', async () => {
    const adapter = new CountingAdapter();
    const running = await startHealth(platform, { adapter });
    try {
      expect((await healthOf(running)).json()).toMatchObject(UP);
      adapter.isDown = true;
      const answer = await healthOf(running);
      expect([answer.status, answer.json()]).toEqual([503, expect.objectContaining(DOWN)]);
      expect(answer.text).not.toContain(adapter.fault.message);
      expect(adapter.calls.map(({ method, key, ttl }) => [method, key, ttl])).toEqual([
        ['read', 'sess:ping', undefined],
        ['read', 'sess:ping', undefined],
      ]);
    } finally {
      await running.close();
    }
  });

  it('is down when a ping does not end in time, or throws', async () => {
    const pings: (() => Promise<void>)[] = [
      () => new Promise(() => {}),
      () => {
        throw new Error('at once');
      },
      async () => {},
    ];
    const adapter = Object.assign(new StallingAdapter(), { ping: () => pings.shift()?.() });
    const running = await startHealth(platform, {
      adapter: adapter as MemoryAdapter,
      storeTimeout: 300,
    });
    try {
      const statuses = [];
      for (let n = 0; n < 3; n++) statuses.push((await healthOf(running)).status);
      expect(statuses).toEqual([503, 503, 200]);
    } finally {
      await running.close();
    }
  });
});

describe('every built-in adapter', () => {
  it.each([
    CookieAdapter,
    DatabaseAdapter,
    FileAdapter,
    MemcachedAdapter,
    MemoryAdapter,
    NoopAdapter,
    RedisAdapter,
  ])('%p has a ping', ({ prototype }) => {
    expect(typeof prototype.ping).toBe('function');
  });

  it.each(['memory', 'noop'] as const)('%s has nothing to reach, and is up', async (adapter) => {
    const running = await startHealth('express', { adapter });
    const answer = await healthOf(running);
    await running.close();
    expect([answer.status, answer.json()]).toEqual([200, expect.objectContaining(UP)]);
  });
});

const servers: readonly [
  name: string,
  platform: Platform,
  start: () => Promise<ServerProcess>,
  choice: (port: number) => SessionModuleOptions,
][] = [
  ['memcached', 'express', () => startMemcached(), (port) => ({ adapter: 'memcached', port })],
  ['redis', 'fastify', () => startRedis(), (port) => ({ adapter: 'redis', port })],
  [
    'database',
    'express',
    startPostgres,
    (port) => ({ adapter: 'database', client: 'pg', connection: postgresConnection(port) }),
  ],
];

describe.each(servers)('the server of %s', (_, platform, start, choice) => {
  let server: ServerProcess;
  let running: RunningApp;

  beforeAll(async () => {
    server = await start();
    running = await startHealth(platform, choice(server.port));
  }, 60_000);

  afterAll(async () => {
    await running.close();
    await server.stop();
  });

  it('is up, goes down, and comes back', async () => {
    expect((await healthOf(running)).json()).toMatchObject(UP);
    await server.kill();
    const down = await healthOf(running);
    expect([down.status, down.json()]).toEqual([503, expect.objectContaining(DOWN)]);
    await server.start();
    const healed = await pollUntil(async () => (await healthOf(running)).status === 200, {
      within: 15_000,
      what: 'the indicator is up again',
    });
    expect(healed).toBe(true);
  }, 60_000);
});

it('the folder of files is down while it is away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'health-'));
  const path = join(folder, 'sessions');
  const running = await startHealth('fastify', { adapter: 'file', path });
  try {
    const statuses = [(await healthOf(running)).status];
    await rename(path, `${path}-away`);
    statuses.push((await healthOf(running)).status);
    await rename(`${path}-away`, path);
    statuses.push((await healthOf(running)).status);
    expect(statuses).toEqual([200, 503, 200]);
  } finally {
    await running.close();
    await rm(folder, { recursive: true });
  }
});
