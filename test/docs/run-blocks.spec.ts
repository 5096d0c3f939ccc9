import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type * as ioredis from 'ioredis';
import type * as redis from 'redis';
import { startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { pages } from './code-blocks.js';
import { answersOf, modulesOf } from './block-app.js';
import { makeBlocksFolder, removeBlocks, writeBlocks } from './written-blocks.js';

/** What a page gives to a test runner, whichever it shows, is run below in this order. */
const steps: (() => unknown)[] = [];
const lastSteps: (() => unknown)[] = [];
const runner = {
  describe: (_: string, body: () => void) => body(),
  before: (body: () => unknown) => void steps.push(body),
  it: (_: string, body: () => unknown) => void steps.push(body),
  after: (body: () => unknown) => void lastSteps.push(body),
};
jest.unstable_mockModule('node:test', () => runner);

/** Pages name servers that are not here; what they connect to at once is a server of the test. */
let server: ServerProcess;
const clients: { destroy(): void }[] = [];
jest.unstable_mockModule('redis', () => {
  const real = jest.requireActual<typeof redis>('redis');
  const createClient = () => {
    const client = real.createClient({ url: `redis://127.0.0.1:${server.port}` });
    clients.push(client);
    return client;
  };
  return { ...real, createClient };
});

jest.unstable_mockModule('ioredis', () => {
  const real = jest.requireActual<typeof ioredis>('ioredis');
  class Cluster extends real.Cluster {
    constructor(nodes: ioredis.ClusterNode[]) {
      super(nodes, { lazyConnect: true });
    }
  }
  return { ...real, Cluster };
});

describe('code in the documents runs', () => {
  const folder = process.cwd();

  beforeAll(async () => {
    // Files that a page names without a path are made here.
    process.chdir(await makeBlocksFolder());
    process.env['SESSION_KEY'] = randomBytes(32).toString('base64url');
    server = await startRedis();
  });

  afterAll(async () => {
    process.chdir(folder);
    clients.forEach((client) => client.destroy());
    await Promise.all([server.stop(), removeBlocks()]);
  });

  it.each(pages())('%s', async (page) => {
    const blocks: object[] = [];
    for (const { path } of await writeBlocks(page)) {
      blocks.push((await import(path)) as object);
      for (const step of [...steps.splice(0), ...lastSteps.splice(0)]) await step();
    }
    for (const module of modulesOf(blocks)) {
      const answers = await answersOf(module);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    }
    // Channels belong to the process, which has other tests to run.
    for (const { stop } of blocks as { readonly stop?: () => void }[]) stop?.();
  });
});
