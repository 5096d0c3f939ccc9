import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../support/client.js';
import { platforms } from '../support/http-apps.js';
import { ShopProcesses } from '../support/shop-processes.js';

describe('R11 two processes on the file store, one on Express and one on Fastify', () => {
  let folder: string;
  let processes: ShopProcesses;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-processes-'));
    processes = await ShopProcesses.prepare();
  }, 60_000);
  afterAll(async () => {
    await processes.close();
    await rm(folder, { recursive: true });
  });

  it('100 parallel update() give 100', async () => {
    const options = { adapter: 'file', path: folder, storeTimeout: 20_000 } as const;
    const [one, two] = await Promise.all(
      platforms.map((platform) => processes.start({ platform, options })),
    );
    const first = new Client(one?.url ?? '');
    await first.post('/set', { begun: true });
    const second = first.tab(two?.url);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => [first.post('/count'), second.post('/count')]).flat(),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await second.get('/visit')).json()).toMatchObject({
      variables: { begun: true, count: 100 },
    });
  }, 60_000);
});
