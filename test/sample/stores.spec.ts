import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SessionAdapter } from 'nestjs-session-bag';
import { openStore } from '../../sample/stores/open-store.js';
import { projectRoot, readProjectFile } from '../repository/project.js';
import { freePort } from '../support/free-port.js';
import { platforms } from '../support/http-apps.js';
import { mariadbConnection, startMariadb } from '../support/mariadb-server.js';
import { startMemcached } from '../support/memcached-server.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';
import { keptFolder } from '../security/temporary-folder.js';
import { Browser, type RunningSample, startSample } from './running-sample.js';

const folder = keptFolder();

const kinds = [
  ['file', undefined, async () => `${await folder}/files`],
  ['sqlite', undefined, async () => `${await folder}/sample.sqlite`],
  ['redis', startRedis, async (port: number) => `redis://127.0.0.1:${port}`],
  ['memcached', startMemcached, async (port: number) => `memcached://127.0.0.1:${port}`],
  ['database', startPostgres, async (port: number) => urlOf('postgres', postgresConnection(port))],
  ['database', startMariadb, async (port: number) => urlOf('mysql', mariadbConnection(port))],
] as const;

function urlOf(
  scheme: string,
  login: { user: string; password: string; port: number; database: string },
): string {
  return `${scheme}://${login.user}:${login.password}@127.0.0.1:${login.port}/${login.database}`;
}

describe.each(kinds)('the sample with SESSION_ADAPTER=%s', (SESSION_ADAPTER, startServer, url) => {
  let server: ServerProcess | undefined;
  const stores: SessionAdapter[] = [];
  const samples: RunningSample[] = [];

  beforeAll(async () => {
    server = await startServer?.();
    const SESSION_STORE_URL = await url(server?.port ?? 0);
    // One each, as two processes have.
    for (const platform of platforms) {
      const store = await openStore({ SESSION_ADAPTER, SESSION_STORE_URL });
      stores.push(store);
      samples.push(await startSample(platform, store));
    }
  }, STARTING);

  afterAll(async () => {
    await Promise.all(samples.map((sample) => sample.close()));
    for (const store of stores) await store.close?.();
    await server?.stop();
  });

  it('carries a visitor from one process to the other, and out of both', async () => {
    const [first = '', second = ''] = samples.map((sample) => sample.url);
    const here = new Browser(first);
    await here.submit('/cart/add', { product: 'gayo' });
    await here.logIn();
    const there = new Browser(second, here.client.tab(second));
    await Promise.all([
      here.submit('/cart/add', { product: 'gayo' }),
      there.submit('/cart/add', { product: 'gayo' }),
    ]);
    expect(await here.open('/cart')).toContain('<output>3</output>');
    expect(await there.open('/devices')).toContain('This device');

    await there.submit('/logout');
    expect((await here.client.get('/devices')).headers.get('location')).toBe('/login');
  });
});

describe('openStore', () => {
  it.each([
    ['redis', 'redis://', 'docker compose up -d redis" or "redis-server'],
    ['memcached', 'memcached://', 'docker compose up -d memcached" or "memcached'],
    ['database', 'postgres://shop:secret@', 'docker compose up -d postgres'],
  ])('says how to start a %s server that is not there', async (SESSION_ADAPTER, scheme, remedy) => {
    const host = `127.0.0.1:${await freePort()}`;
    const env = { SESSION_ADAPTER, SESSION_STORE_URL: scheme + host };
    await expect(openStore(env)).rejects.toMatchObject({
      message:
        `No ${SESSION_ADAPTER} server can be used at ${host}: start one with "${remedy}", or name ` +
        'another in SESSION_STORE_URL.',
    });
  });

  it('says how to start a MariaDB that is not there', async () => {
    const SESSION_STORE_URL = `mysql://shop:shop@127.0.0.1:${await freePort()}/shop`;
    await expect(openStore({ SESSION_ADAPTER: 'database', SESSION_STORE_URL })).rejects.toThrow(
      'start one with "docker compose up -d mariadb"',
    );
  });

  it.each(['paper', 'constructor', '__proto__'])('says which stores there are, not %s', (name) =>
    expect(openStore({ SESSION_ADAPTER: name })).rejects.toThrow(
      new Error('SESSION_ADAPTER is one of memory, file, redis, memcached, database, sqlite.'),
    ),
  );

  it.each([
    ['redis', 'paper', 'redis://127.0.0.1:6379'],
    ['memcached', 'http://user:secret@localhost', 'memcached://127.0.0.1:11211'],
    ['database', 'paper:secret', 'postgres://shop:shop@127.0.0.1:5432/shop'],
  ])('says how the address of a %s server looks', (SESSION_ADAPTER, SESSION_STORE_URL, example) =>
    expect(openStore({ SESSION_ADAPTER, SESSION_STORE_URL })).rejects.toThrow(
      new Error(
        `SESSION_STORE_URL does not say where a ${SESSION_ADAPTER} server is: it looks like ${example}.`,
      ),
    ),
  );

  it.each(['file', 'sqlite'])('says that %s cannot be where a file lies', async (name) => {
    const SESSION_STORE_URL = join(projectRoot, 'package.json/sessions');
    await expect(openStore({ SESSION_ADAPTER: name, SESSION_STORE_URL })).rejects.toThrow(
      new RegExp(
        `^The store "${name}" cannot be opened: .+\\. Mend that, or name another place in SESSION_STORE_URL\\.$`,
      ),
    );
  });
});

describe.each(platforms)('the tour on %s', (platform) => {
  it('names every store that SESSION_ADAPTER may be', async () => {
    const sample = await startSample(platform);
    const page = await sample.browser().open('/tour');
    for (const name of ['memory', 'file', 'redis', 'memcached', 'database', 'sqlite']) {
      expect(page).toContain(`<code>${name}</code>`);
    }
    await sample.close();
  });
});

describe('docker-compose.yml', () => {
  const compose = readProjectFile('docker-compose.yml');
  const source = readProjectFile('sample/stores/open-store.ts');

  it.each([
    ['redis', 6379],
    ['memcached', 11211],
    ['postgres', 5432],
  ])('has %s on the port where the sample looks, for this machine only', (service, port) => {
    const block = new RegExp(`^  ${service}:\\n(?:    .*\\n)+`, 'm').exec(compose)?.[0];
    expect(block).toContain(`ports: ['127.0.0.1:${port}:${port}']`);
    expect(source).toMatch(new RegExp(`'${service}://.*127\\.0\\.0\\.1:${port}`));
    expect(source).toContain(`docker compose up -d ${service}`);
  });

  it('lets in who the sample is', () => {
    expect(source).toContain("'postgres://shop:shop@127.0.0.1:5432/shop'");
    for (const name of ['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB']) {
      expect(compose).toContain(`${name}: shop\n`);
    }
    expect(compose).toContain('SESSION_STORE_URL=mysql://shop:shop@127.0.0.1:3306/shop');
    for (const name of ['MARIADB_USER', 'MARIADB_PASSWORD', 'MARIADB_DATABASE']) {
      expect(compose).toContain(`${name}: shop\n`);
    }
  });
});
