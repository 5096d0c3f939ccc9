import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionModule } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { SessionCommonOptions } from '../../lib/interfaces/session-common-options.interface.js';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { captureLogs } from '../support/captured-logs.js';
import { type Answer, Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import {
  actions,
  ActionsController,
  everything,
  runAs,
  type SessionAction,
} from '../support/session-actions.js';

const stores = ['memory', 'file'] as const;
const everywhere = platforms.flatMap((platform) => stores.map((kind) => [platform, kind] as const));

describe.each(everywhere)('lifetimes on %s, %s', (platform, kind) => {
  let store: CountingAdapter;
  let folder: string;
  let running: RunningApp;
  let client: Client;
  let now: number;

  beforeEach(async () => {
    actions.clear();
    now = 1_800_000_000_000;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    folder = await mkdtemp(join(tmpdir(), 'lifetimes-'));
    const file = new FileAdapter({ path: folder });
    if (kind === 'file') await file.open();
    store = new CountingAdapter(kind === 'file' ? file : new MemoryAdapter());
  });

  afterEach(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  async function start(options: SessionCommonOptions): Promise<void> {
    running = await startApp(platform, {
      imports: [SessionModule.forRoot({ ...options, adapter: store })],
      controllers: [ActionsController],
    });
    client = new Client(running.url);
    await run((session) => session.set('a', 1));
    store.reset();
  }

  function run(action: SessionAction, by = client): Promise<Answer> {
    return runAs(by, action);
  }

  async function stored(): Promise<unknown> {
    return (await run(everything)).json();
  }

  function pass(seconds: number): void {
    now += seconds * 1000;
  }

  it('R22 ends when it was not used for its lifetime', async () => {
    await start({ lifetime: 100 });
    pass(99);
    expect(await stored()).toEqual({ a: 1 });
    pass(99);
    expect(await stored()).toEqual({ a: 1 });
    pass(100);
    expect(await stored()).toEqual({});
  });

  it('R22 R19 what has expired gets a new id at the first write', async () => {
    await start({ lifetime: 100 });
    const id = client.cookies.get('sid');
    pass(100);
    const answer = await run((session) => session.set('b', 2));
    expect(answer.setCookies).toHaveLength(1);
    expect(client.cookies.get('sid')).not.toBe(id);
    expect(await stored()).toEqual({ b: 2 });
  });

  it('R22 ends at its absolute end however busy', async () => {
    await start({ lifetime: 100, absoluteLifetime: 250 });
    for (const seconds of [90, 90, 69]) {
      pass(seconds);
      expect((await run((session) => session.set('at', now))).status).toBe(200);
    }
    expect(await stored()).toMatchObject({ a: 1 });
    pass(1);
    expect(await stored()).toEqual({});
  });

  it('R22 a read alone does not carry it beyond its absolute end either', async () => {
    await start({ lifetime: 100, absoluteLifetime: 250 });
    for (const seconds of [90, 90, 69]) {
      pass(seconds);
      expect(await stored()).toEqual({ a: 1 });
    }
    pass(1);
    expect(await stored()).toEqual({});
  });

  it('R22 the absolute end is that of the record, not of the store', async () => {
    await start({ lifetime: 100, absoluteLifetime: 250 });
    await stored();
    const { key = '' } = store.calls.at(-1) ?? {};
    pass(90);
    await stored();
    const kept = await store.peek(key);
    pass(90);
    await stored();
    pass(69);
    await stored();
    expect(await store.peek(key)).toEqual(kept);
    pass(1);
    // The read has extended it in the store, which does not know the end.
    expect(await store.peek(key)).toEqual(kept);
    expect(await stored()).toEqual({});
    expect(await store.peek(key)).toBeUndefined();
  });

  it('R22 a write gives no more life than is left until the absolute end', async () => {
    await start({ lifetime: 100, absoluteLifetime: 250 });
    for (const seconds of [90, 90, 50]) {
      pass(seconds);
      await run((session) => session.set('at', now));
    }
    expect(store.calls.at(-1)).toMatchObject({ method: 'update', ttl: 20 });
    await run((session) => session.set('at', 'now').regenerateId());
    expect(store.calls.findLast(({ method }) => method === 'create')?.ttl).toBe(20);
  });

  it('R22 a login restarts the clocks', async () => {
    await start({ lifetime: 100, absoluteLifetime: 250 });
    for (const seconds of [90, 90]) {
      pass(seconds);
      await stored();
    }
    await run((session) => session.login('kim'));
    for (const seconds of [90, 90]) {
      pass(seconds);
      expect(await stored()).toEqual({ a: 1 });
    }
    pass(70);
    expect(await stored()).toEqual({});
  });

  it('R22 absoluteLifetime: false has no end', async () => {
    await start({ lifetime: 100, absoluteLifetime: false });
    for (let visit = 0; visit < 5; visit++) {
      now += 99_000;
      expect(await stored()).toEqual({ a: 1 });
    }
    pass(100);
    expect(await stored()).toEqual({});
  });

  it('R22 reading extends the life without a write: data and version stay', async () => {
    await start({ lifetime: 100 });
    await stored();
    const { key = '' } = store.calls.at(-1) ?? {};
    const before = await store.peek(key);
    for (let visit = 0; visit < 3; visit++) {
      pass(60);
      expect(await stored()).toEqual({ a: 1 });
    }
    expect(await store.peek(key)).toEqual(before);
    expect(new Set(store.calls.map(({ method }) => method))).toEqual(new Set(['read']));
    expect(store.count('read')).toBe(4);
  });

  it('R22 a longer lifetime of its own outlasts the idle one, at no cost', async () => {
    await start({ lifetime: 100 });
    await run((session) => session.setLifetime(1000));
    store.reset();
    pass(999);
    expect(await stored()).toEqual({ a: 1 });
    expect(store.calls.map(({ method, ttl }) => [method, ttl])).toEqual([['read', 1000]]);
    pass(999);
    expect(await stored()).toEqual({ a: 1 });
    pass(1000);
    expect(await stored()).toEqual({});
  });

  it('R22 a shorter lifetime of its own ends sooner than the idle one', async () => {
    await start({ lifetime: 1000 });
    await run((session) => session.setLifetime(100));
    pass(90);
    expect(await stored()).toEqual({ a: 1 });
    pass(99);
    expect(await stored()).toEqual({ a: 1 });
    pass(100);
    expect(await stored()).toEqual({});
  });

  it('R22 a session without one is read once', async () => {
    await start({ lifetime: 100 });
    await stored();
    expect(store.calls.map(({ method, ttl }) => [method, ttl])).toEqual([['read', 100]]);
  });

  it('R22 a lifetime of its own ends at the absolute end too', async () => {
    await start({ lifetime: 100, absoluteLifetime: 1000 });
    await run((session) => session.setLifetime(800));
    pass(700);
    await run((session) => session.set('a', 2));
    expect(store.calls.at(-1)).toMatchObject({ method: 'update', ttl: 300 });
    pass(299);
    expect(await stored()).toEqual({ a: 2 });
    pass(1);
    expect(await stored()).toEqual({});
  });

  it('R21 R22 Max-Age does not reach beyond the absolute end', async () => {
    await start({ lifetime: 100, absoluteLifetime: 150, cookie: { clearWithBrowser: false } });
    expect((await run(everything)).setCookies).toEqual([expect.stringContaining('Max-Age=100;')]);
    pass(90);
    expect((await run(everything)).setCookies).toEqual([expect.stringContaining('Max-Age=60;')]);
    pass(59);
    expect((await run(everything)).setCookies).toEqual([expect.stringContaining('Max-Age=1;')]);
  });

  it('R12 R22 a request during which it ends stores nothing', async () => {
    captureLogs();
    await start({ lifetime: 100, absoluteLifetime: 150 });
    const idle = await run((session) => {
      pass(100);
      session.set('a', 2);
    });
    expect(idle.status).toBe(409);
    expect(idle.setCookies).toEqual([]);
    expect(await stored()).toEqual({});
  });

  it('R12 R22 a request during which its absolute end comes stores nothing', async () => {
    captureLogs();
    await start({ lifetime: 100, absoluteLifetime: 150 });
    pass(90);
    const busy = await run((session) => {
      pass(60);
      session.set('a', 2);
    });
    expect(busy.status).toBe(409);
    expect(busy.setCookies).toEqual([]);
    expect(await stored()).toEqual({});
  });
});
