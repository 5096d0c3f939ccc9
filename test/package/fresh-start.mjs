// `npm run test:start`: a stranger's minute. Clones the last commit, runs `npm start` there, and
// takes the time until the sample answers, the installation of npm packages included.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
/** Milliseconds. The time is told, not judged: the machine and its network may be slow. */
const patience = 300_000;

const clone = await mkdtemp(join(tmpdir(), 'fresh-start-'));
try {
  await exitOf(spawn('git', ['clone', '--quiet', projectRoot, clone], { stdio: 'inherit' }));
  const took = await timeStart(await freePort());
  console.log(`npm start answered after ${(took / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(clone, { recursive: true });
}

/**
 * @param {number} port
 * @returns {Promise<number>} milliseconds until the first answer
 */
async function timeStart(port) {
  const begin = performance.now();
  const env = { ...process.env, PORT: String(port) };
  const sample = spawn('npm', ['start'], {
    cwd: clone,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = exitOf(sample);
  try {
    const giveUp = new AbortController();
    void ended.then(() => giveUp.abort());
    await answer(`http://127.0.0.1:${port}/`, giveUp.signal);
    return performance.now() - begin;
  } finally {
    sample.kill('SIGTERM');
    await ended;
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} giveUp aborted when nobody is there any more who could answer
 */
async function answer(url, giveUp) {
  for (const end = performance.now() + patience; performance.now() < end; await delay(50)) {
    if (giveUp.aborted) throw new Error('npm start ended before the sample answered.');
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (response) throw new Error(`The sample's first page was answered with ${response.status}.`);
  }
  throw new Error('The sample did not answer in time.');
}

/** @param {import('node:child_process').ChildProcess} child */
async function exitOf(child) {
  const [code] = await once(child, 'exit');
  return code;
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
