import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import {
  createSessionAdapter,
  SessionModule,
  type SessionModuleOptions,
  SessionRegistry,
  SessionService,
} from 'nestjs-session-bag';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { ownerKey } from '../../lib/record/ids.js';
import { captureLogs, ownLogs } from '../support/captured-logs.js';
import { Client } from '../support/client.js';
import { failureOf } from '../support/failure-of.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Encryption = SessionModuleOptions['encryption'];

@Controller()
class VisitController {
  constructor(
    private readonly session: SessionService,
    private readonly registry: SessionRegistry,
  ) {}

  @Get('me')
  me() {
    const { key, owner } = this.session;
    return { key, owner, all: this.session.toJSON() };
  }

  @Post('set')
  set(@Body() body: Record<string, unknown>) {
    for (const [name, value] of Object.entries(body)) this.session.set(name, value);
    return {};
  }

  @Post('count')
  async count() {
    return { count: await this.session.update<number>('count', (count = 0) => count + 1) };
  }

  @Post('login/:owner')
  async login(@Param('owner') owner: string, @Body() info: Record<string, string>) {
    await this.session.login(owner, { info });
    return {};
  }

  @Post('regenerate')
  async regenerate() {
    await this.session.regenerateId();
    return {};
  }

  @Get('devices/:owner')
  async devices(@Param('owner') owner: string) {
    return (await this.registry.list(owner)).map(({ info }) => info);
  }
}

interface Store {
  readonly adapter: SessionAdapter;
  /** All that a thief of the store would have. */
  dump(keys: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

const stores: Record<string, () => Promise<Store>> = {
  memory: async () => {
    const adapter = new MemoryAdapter();
    const dump = async (keys: readonly string[]): Promise<string> => {
      const records = await Promise.all(keys.map((key) => adapter.read(key)));
      return records.map((record) => record?.data ?? '').join('\n');
    };
    return { adapter, dump, remove: async () => undefined };
  },
  file: async () => {
    const path = await mkdtemp(join(tmpdir(), 'sealed-'));
    const dump = async (): Promise<string> => {
      const names = (await readdir(path)).filter((name) => name.endsWith('.session'));
      const files = await Promise.all(names.map((name) => readFile(join(path, name), 'latin1')));
      return [...names, ...files].join('\n');
    };
    const remove = (): Promise<void> => rm(path, { recursive: true });
    return { adapter: new FileAdapter({ path }), dump, remove };
  },
};

const cases = platforms.flatMap((platform) =>
  Object.keys(stores).map((kind) => ({ platform, kind })),
);

describe.each(cases)('encryption on $platform with $kind', ({ platform, kind }) => {
  const running: RunningApp[] = [];
  let store: Store;

  /** One more application on the same store. */
  const start = async (encryption: Encryption): Promise<RunningApp> => {
    const options: SessionModuleOptions = { adapter: store.adapter, encryption };
    const module = {
      imports: [SessionModule.forRoot(options)],
      controllers: [VisitController],
    };
    const app = await startApp(platform, module);
    running.push(app);
    return app;
  };
  const me = async (client: Client) =>
    (await client.get('/me')).json() as { key: string; owner?: string; all: object };
  const visit = async ({ url }: RunningApp, body: object = { name: 'Kimbra' }): Promise<Client> => {
    const client = new Client(url);
    expect((await client.post('/set', body)).status).toBe(201);
    return client;
  };
  const recordOf = async (key: string) => {
    const record = await store.adapter.read(key);
    if (record === undefined) throw new Error('There is no such record.');
    return record;
  };
  const overwrite = async (key: string, data: string): Promise<void> => {
    const { version } = await recordOf(key);
    expect(await store.adapter.update(key, data, 60, version)).toBe(true);
  };

  beforeEach(async () => {
    store = await (stores[kind] ?? noStore)();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(running.splice(0).map((app) => app.close()));
    await store.adapter.close?.();
    await store.remove();
  });

  it('leaves nothing to read in the store, and all of it in the session', async () => {
    const client = await visit(await start({ keys: [randomBytes(32)] }), { name: 'Kimbra' });
    await client.post('/login/anna', { device: 'telephone' });
    const { key, owner, all } = await me(client);
    expect({ owner, all }).toEqual({ owner: 'anna', all: { name: 'Kimbra' } });
    expect((await client.get('/devices/anna')).json()).toEqual([{ device: 'telephone' }]);

    const dump = await store.dump([key, ownerKey('sess:', 'anna')]);
    expect(dump.match(/sealed1\./g)).toHaveLength(2);
    for (const word of ['Kimbra', 'anna', 'telephone', 'variables', 'owner', 'createdAt']) {
      expect(dump).not.toContain(word);
    }
  });

  it('goes on through new ids and parallel updates', async () => {
    const client = await visit(await start({ keys: [randomBytes(32)] }));
    const before = client.tab();
    await client.post('/regenerate');
    await Promise.all(Array.from({ length: 10 }, () => client.tab().post('/count')));
    expect((await me(client)).all).toEqual({ name: 'Kimbra', count: 10 });
    expect((await me(before)).all).toEqual({});
  });

  it('rotates: the old key reads on, and what is written is sealed with the new one', async () => {
    const [oldKey, newKey] = [randomBytes(32), randomBytes(32).toString('base64url')];
    const client = await visit(await start({ keys: [oldKey] }));
    await client.post('/login/anna', { device: 'telephone' });

    const rotating = client.tab((await start({ keys: [newKey, oldKey] })).url);
    expect((await me(rotating)).all).toEqual({ name: 'Kimbra' });
    expect((await rotating.get('/devices/anna')).json()).toEqual([{ device: 'telephone' }]);
    await rotating.post('/login/anna', { device: 'telephone' });

    const rotated = rotating.tab((await start({ keys: [newKey] })).url);
    expect(await me(rotated)).toMatchObject({ owner: 'anna', all: { name: 'Kimbra' } });
    expect((await rotated.get('/devices/anna')).json()).toEqual([{ device: 'telephone' }]);
  });

  it('R24 takes a record of an unknown key for no session, says so once and leaves it', async () => {
    const client = await visit(await start({ keys: [randomBytes(32)] }));
    const { key } = await me(client);
    const before = await recordOf(key);
    const logs = captureLogs();
    const stranger = client.tab((await start({ keys: [randomBytes(32)] })).url);
    expect((await me(stranger)).all).toEqual({});
    expect((await me(stranger)).all).toEqual({});

    expect((await recordOf(key)).data).toBe(before.data);
    const [log, ...more] = ownLogs(logs);
    expect(log?.text).toMatch(/cannot be read/);
    expect(more).toEqual([]);
    for (const secret of [key, before.data, 'Kimbra', client.cookies.get('sid')]) {
      expect(log?.text).not.toContain(secret);
    }
    expect((await me(client)).all).toEqual({ name: 'Kimbra' });
  });

  it('R24 takes records that were swapped in the store for no sessions', async () => {
    const app = await start({ keys: [randomBytes(32)] });
    const clients = [await visit(app), await visit(app, { name: 'Adele' })] as const;
    const keys = [(await me(clients[0])).key, (await me(clients[1])).key] as const;
    const [first, second] = [await recordOf(keys[0]), await recordOf(keys[1])];
    captureLogs();
    await overwrite(keys[0], second.data);
    await overwrite(keys[1], first.data);
    for (const client of clients) expect((await me(client)).all).toEqual({});

    await overwrite(keys[0], first.data);
    expect((await me(clients[0])).all).toEqual({ name: 'Kimbra' });
  });

  it('R24 takes a record with one changed byte for no session', async () => {
    const client = await visit(await start({ keys: [randomBytes(32)] }));
    const { key } = await me(client);
    const { data } = await recordOf(key);
    captureLogs();
    for (const at of [0, 10, 30, data.length >> 1, data.length - 1]) {
      const other = data.charAt(at) === 'A' ? 'B' : 'A';
      await overwrite(key, data.slice(0, at) + other + data.slice(at + 1));
      expect((await me(client)).all).toEqual({});
    }
    await overwrite(key, data);
    expect((await me(client)).all).toEqual({ name: 'Kimbra' });
  });

  it("R24 does not take one owner's list for another's", async () => {
    const client = await visit(await start({ keys: [randomBytes(32)] }));
    await client.post('/login/anna', { device: 'telephone' });
    const list = await recordOf(ownerKey('sess:', 'anna'));
    await store.adapter.create(ownerKey('sess:', 'berta'), list.data, 60);
    captureLogs();
    expect((await client.get('/devices/berta')).status).toBe(503);
    expect((await client.get('/devices/anna')).json()).toEqual([{ device: 'telephone' }]);
  });

  it('lets owners log in whose lists are from before encryption was switched on', async () => {
    const plain = await visit(await start(undefined));
    await plain.post('/login/anna', { device: 'telephone' });
    const sealed = await visit(await start({ keys: [randomBytes(32)] }));
    captureLogs();
    expect((await sealed.get('/devices/anna')).json()).toEqual([]);
    expect((await sealed.post('/login/anna', { device: 'tablet' })).status).toBe(201);
    expect((await sealed.get('/devices/anna')).json()).toEqual([{ device: 'tablet' }]);
    expect((await recordOf(ownerKey('sess:', 'anna'))).data).toMatch(/^sealed1\./);
  });

  it('R24 takes plain records for no sessions, and without keys the sealed ones', async () => {
    const plain = await visit(await start(undefined));
    const sealed = await visit(await start({ keys: [randomBytes(32)] }));
    const [plainApp, sealedApp] = running as [RunningApp, RunningApp];
    captureLogs();
    expect((await me(plain.tab(sealedApp.url))).all).toEqual({});
    expect((await me(sealed.tab(plainApp.url))).all).toEqual({});
    expect((await me(plain)).all).toEqual({ name: 'Kimbra' });
    expect((await me(sealed)).all).toEqual({ name: 'Kimbra' });
  });
});

describe.each(platforms)('the option encryption on %s', (platform) => {
  it.each([
    ['an example', ['secret'], /keys\[0\]/],
    ['one character', [randomBytes(32), 'a'.repeat(64)], /keys\[1\]/],
    ['a variable that is not set', [process.env['NO_SUCH_SESSION_KEY']], /keys\[0\]/],
    ['no key', [], /one key or more/],
  ])('stops the boot for %s, and says how to make a key', async (_, keys, reason) => {
    const options = { encryption: { keys } } as SessionModuleOptions;
    const error = await failureOf(
      startApp(platform, { imports: [SessionModule.forRoot(options)] }),
    );
    expect(error.name).toBe('InvalidSessionOptionsException');
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(/"encryption".*node -e/s);
    expect(error.message).not.toMatch(/secret|aaaa/);
  });
});

describe('createSessionAdapter', () => {
  it('gives the store itself, without encryption', async () => {
    const adapter = await createSessionAdapter({ encryption: { keys: [randomBytes(32)] } });
    await adapter.create('key', 'Kimbra', 60);
    expect(await adapter.read('key')).toMatchObject({ data: 'Kimbra' });
  });
});

function noStore(): never {
  throw new Error('There is no such store.');
}
