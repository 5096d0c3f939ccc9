import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms } from '../support/http-apps.js';
import { redisCommand, startRedis } from '../support/redis-server.js';
import { captureAllOutput } from './all-output.js';
import { type FailingApp, startFailingApp } from './failing-app.js';
import { temporaryFolder } from './temporary-folder.js';
import { expectNothingOpens, Visitors } from './visitors.js';

/** A store that can be put out of order, and looked into. */
interface Rig {
  readonly options: SessionModuleOptions;
  /** All that it holds, as text. */
  dump(): Promise<string>;
  /** From now on every write fails, in the store's own way. */
  breakDown(): Promise<unknown>;
  stop?(): Promise<unknown>;
}

const RIGS: [string, () => Promise<Rig>][] = [
  ['memory', memoryRig],
  ['files', fileRig],
  ['SQLite', sqliteRig],
  ['Redis', redisRig],
];

describe.each(platforms)('nothing secret is told, on %s', (platform) => {
  let app: FailingApp;
  let rig: Rig;

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
    await rig.stop?.();
  });

  it.each(RIGS)('by logs, errors and answers, whatever fails, with %s', async (_, createRig) => {
    const output = captureAllOutput();
    rig = await createRig();
    app = await startFailingApp(platform, { ...rig.options, maxSessionsPerOwner: 2 });
    const visitors = new Visitors(app);
    await visitors.act();
    await visitors.send('/unstarted');
    await visitors.bringTwoCookies();
    await rig.breakDown();
    await visitors.act();
    const told = [...output, ...app.thrown, ...visitors.answers];
    expect(app.thrown.length).toBeGreaterThan(5);
    expect(output.length).toBeGreaterThan(2);
    expect(visitors.secrets.length).toBeGreaterThan(5);
    const { secrets } = visitors;
    expect(told.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  });

  it.each(RIGS)('by a dump of %s: it holds no id', async (_, createRig) => {
    captureAllOutput();
    rig = await createRig();
    app = await startFailingApp(platform, { ...rig.options, renewAfter: 1 });
    const visitors = new Visitors(app);
    await visitors.useEveryWrite();
    expectNothingOpens(await visitors.tryDump(await rig.dump()));
  });
});

async function memoryRig(): Promise<Rig> {
  const adapter = new CountingAdapter(new MemoryAdapter());
  return {
    options: { adapter },
    dump: async () => {
      const keys = [...new Set(adapter.calls.map(({ key }) => key))];
      return JSON.stringify([keys, await Promise.all(keys.map((key) => adapter.peek(key)))]);
    },
    breakDown: async () => (adapter.isDown = true),
  };
}

async function fileRig(): Promise<Rig> {
  const path = join(await temporaryFolder(), 'sessions');
  return {
    options: { adapter: 'file', path },
    dump: async () => {
      const names = await readdir(path);
      const files = await Promise.all(names.map((name) => readFile(join(path, name), 'latin1')));
      return [...names, ...files].join('\n');
    },
    breakDown: () => rm(path, { recursive: true }),
  };
}

async function sqliteRig(): Promise<Rig> {
  const filename = join(await temporaryFolder(), 'sessions.sqlite');
  return {
    options: { adapter: 'database', client: 'better-sqlite3', connection: { filename } },
    dump: async () => JSON.stringify(withDatabase(filename, 'SELECT * FROM sessions')),
    breakDown: async () => {
      withDatabase(filename, 'DELETE FROM sessions RETURNING 1');
      const refuse = "BEGIN SELECT RAISE(ABORT, 'out of order'); END";
      runOn(filename, `CREATE TRIGGER refuse BEFORE INSERT ON sessions ${refuse}`);
    },
  };
}

async function redisRig(): Promise<Rig> {
  const server = await startRedis();
  const { port } = server;
  return {
    options: { adapter: 'redis', host: '127.0.0.1', port },
    dump: async () => {
      const keys = (await redisCommand(port, 'KEYS', '*')).match(/^sess:.*$/gm) ?? [];
      const values = keys.map((key) => redisCommand(port, 'GET', key.trim()));
      return [...keys, ...(await Promise.all(values))].join('\n');
    },
    breakDown: () => redisCommand(port, 'CONFIG', 'SET', 'maxmemory', '1'),
    stop: () => server.stop(),
  };
}

function withDatabase(filename: string, sql: string): unknown[] {
  const database = new Database(filename);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function runOn(filename: string, sql: string): void {
  const database = new Database(filename);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
