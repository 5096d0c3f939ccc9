import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  createSessionAdapter,
  SESSION_ADAPTER,
  SessionAdapter,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
} from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { type CapturedLog, captureLogs, ownLogs } from '../support/captured-logs.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

const encryption = { keys: [randomBytes(32)] };
const cookie = { adapter: 'cookie', encryption } as const;

describe.each(platforms)('the adapter cookie at boot on %s', (platform) => {
  const running: RunningApp[] = [];
  let logs: CapturedLog[];

  beforeEach(() => {
    logs = captureLogs();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(running.splice(0).map((app) => app.close()));
  });

  async function start(options: SessionModuleOptions): Promise<RunningApp> {
    const app = await startApp(platform, { imports: [SessionModule.forRoot(options)] });
    running.push(app);
    return app;
  }

  it('says once that a logout ends no stolen copy', async () => {
    await start(cookie);
    const [log, ...more] = ownLogs(logs);
    expect(log).toMatchObject({
      level: 'warn',
      text: expect.stringMatching(/logout.*copy.*stolen/),
    });
    expect(log?.text).toContain('"revocations"');
    expect(more).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['no encryption', { adapter: 'cookie' }, /"cookie" needs the option "encryption".*keys/],
    ['no keys', { adapter: 'cookie', encryption: { keys: [] } }, /"encryption".*one key or more/],
    ['a limit of sessions', { ...cookie, maxSessionsPerOwner: 3 }, /"maxSessionsPerOwner"/],
    ['ids that are renewed', { ...cookie, renewAfter: 60 }, /"renewAfter"/],
    ['no end', { ...cookie, absoluteLifetime: false }, /"absoluteLifetime"/],
    ['revocations without methods', { ...cookie, revocations: {} }, /"revocations".*read, create/],
    ['revocations by name', { ...cookie, revocations: 'redis' }, /"revocations".*read, create/],
    ['an option of a store', { ...cookie, host: 'localhost' }, /"host" belongs to/],
    ['revocations of a store', { adapter: 'memory', revocations: {} }, /"cookie"; the adapter "m/],
  ])('stops for %s', async (_, options, sentence) => {
    const error = await failureOf(start(options));
    expect(error.name).toBe('InvalidSessionOptionsException');
    expect(error.message).toMatch(sentence);
  });

  it('has a registry whose methods say that nothing is listed', async () => {
    const registry = (await start(cookie)).app.get(SessionRegistry);
    for (const asked of [
      registry.list('kimbra'),
      registry.revoke('kimbra', 'key'),
      registry.revokeAll('kimbra'),
    ]) {
      const error = await failureOf(asked);
      expect(error.name).toBe('SessionException');
      expect(error.message).toMatch(/cannot be listed or revoked with the adapter 'cookie'/);
    }
  });

  it('provides an adapter whose methods say that there is no store', async () => {
    const adapter = (await start(cookie)).app.get<SessionAdapter>(SESSION_ADAPTER);
    expect(adapter).toBeInstanceOf(SessionAdapter);
    for (const asked of [
      adapter.read('key'),
      adapter.create('key', 'data', 60),
      adapter.update('key', 'data', 60, 1),
      adapter.destroy('key'),
    ]) {
      expect((await failureOf(asked)).message).toMatch(/'cookie' there is no store/);
    }
  });
});

describe('createSessionAdapter', () => {
  it('has no adapter that keeps sessions in cookies', async () => {
    const error = await failureOf(createSessionAdapter(cookie));
    expect(error.name).toBe('InvalidSessionOptionsException');
    expect(error.message).toMatch(/only inside SessionModule/);
  });
});
