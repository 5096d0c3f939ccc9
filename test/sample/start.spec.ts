import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { freePort } from '../support/free-port.js';
import { platforms } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { compileSample, removeSample } from './compiled-sample.js';
import { Browser } from './running-sample.js';

const WITHIN = 20_000;
const LOOK = JSON.stringify({ event: 'look' });

let root: string;
let sample: string;
let child: ChildProcess;

beforeAll(async () => {
  ({ root, sample } = await compileSample());
});

afterEach(() => void child.kill('SIGKILL'));

afterAll(() => removeSample(root));

/** Runs a file of the sample as `npm start` does; gives what it writes as long as it runs. */
function run(file: string, env: Readonly<Record<string, string>>): { text: string } {
  child = spawn(process.execPath, [join(sample, file)], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (written.text += chunk.toString()));
  }
  return written;
}

/** Waits for the address that it writes. */
async function start(file: string, env: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const written = run(file, env);
  const look = () => /http:\/\/localhost:(\d+)/.exec(written.text)?.[1];
  const port = await pollUntil(look, { within: WITHIN, what: 'the sample names its address' });
  return new Browser(`http://127.0.0.1:${port}`);
}

async function stop(): Promise<unknown> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe.each(platforms)('npm start with PLATFORM=%s', (PLATFORM) => {
  it('shows the shop, and ends when it is told to', async () => {
    const browser = await start('main.js', { PLATFORM });
    const page = await browser.open('/');
    expect(page).toContain('Coffee that remembers you');
    expect(page).toContain(`<strong>${PLATFORM}</strong>, sessions in <strong>memory</strong>`);
    const { text } = await browser.client.get(
      /href="(\/assets\/\w+\/style.css)"/.exec(page)?.[1] ?? '',
    );
    expect(text).toContain('prefers-color-scheme: dark');
    expect(await stop()).toBe(0);
  });
});

it('npm start with a store that is not there says so, and nothing else', async () => {
  const SESSION_STORE_URL = `redis://127.0.0.1:${await freePort()}`;
  const written = run('main.js', { SESSION_ADAPTER: 'redis', SESSION_STORE_URL });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(written.text).toMatch(
    /^No redis server can be used at .*"docker compose up -d redis".*\.\n$/,
  );
});

it('npm start on a port that is taken says so, and nothing else', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const written = run('main.js', { PORT: String(port) });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(written.text).toBe(
    `The port ${port} is taken: choose another in PORT, or end what listens there.\n`,
  );
  server.close();
});

it.each(['main.js', 'cluster/main.js'])(
  '%s says in one sentence what it cannot use',
  async (file) => {
    const written = run(file, { PLATFORM: 'koa' });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(written.text).toBe('PLATFORM is express or fastify.\n');
  },
);

describe('npm run start:cluster', () => {
  it('answers from two processes in turns, and the session follows; leaves none behind', async () => {
    const browser = await start('cluster/main.js');
    await browser.submit('/cart/add', { product: 'sidamo' });
    await browser.logIn();
    const pages = [await browser.open('/cart'), await browser.open('/cart')];
    expect(new Set(pages.map(processOn))).toEqual(new Set(['A', 'B']));
    for (const page of pages) {
      expect(page).toContain('<output>1</output>');
      expect(page).toContain('class="owner">kimbra<');
      expect(page).toContain('sessions in <strong>file</strong>');
    }
    await Promise.all(
      Array.from({ length: 9 }, () => browser.submit('/cart/add', { product: 'sidamo' })),
    );
    expect(await browser.open('/cart')).toContain('<output>10</output>');

    const inspector = await browser.client.get('/inspector');
    expect(inspector.status).toBe(200);
    const forwarded = { headers: { 'x-forwarded-for': '192.0.2.1' } };
    expect((await browser.client.get('/inspector', forwarded)).status).toBe(403);

    const socket = await openLive(browser);
    expect(await ask(socket)).toContain('Sidamo');
    const closed = once(socket, 'close');
    await browser.submit('/logout');
    socket.send(LOOK);
    const [code] = (await closed) as [number];
    expect(code).toBe(1008);
    for (const _ of pages) expect(await browser.open('/cart')).not.toContain('kimbra');

    const children = await childrenOf(child);
    expect(children).toHaveLength(2);
    expect(await stop()).toBe(0);
    expect(children.filter(isRunning)).toEqual([]);
  });

  it('ends when one of the two does', async () => {
    await start('cluster/main.js');
    const [first] = await childrenOf(child);
    const ended = once(child, 'exit');
    process.kill(first ?? 0, 'SIGKILL');
    expect(await ended).toEqual([1, null]);
  });

  it('refuses memory, which two processes do not share', async () => {
    const written = run('cluster/main.js', { SESSION_ADAPTER: 'memory' });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(written.text).toContain('Two processes share no memory');
  });
});

/** What the live page does, through the balancer. */
async function openLive({ client, origin }: Browser): Promise<WebSocket> {
  const headers = { cookie: `sid=${client.cookies.get('sid')}` };
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/live/socket`, { origin, headers });
  await once(socket, 'open');
  return socket;
}

async function ask(socket: WebSocket): Promise<string> {
  socket.send(LOOK);
  const [message] = (await once(socket, 'message')) as [Buffer];
  return message.toString();
}

function processOn(page: string): string | undefined {
  return /class="process">(\w+)</.exec(page)?.[1];
}

async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
