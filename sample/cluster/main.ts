import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { giveUp } from '../give-up.js';
import { readSettings, type Settings } from '../settings.js';
import { openStore } from '../stores/open-store.js';
import { createRoundRobin, HOST } from './round-robin.js';

/** Two processes of the sample behind one port, on one store: the session follows. */
const NAMES = ['A', 'B'];
const SESSION_ADAPTER = process.env['SESSION_ADAPTER'] || 'file';

const settings = await check({ ...process.env, SESSION_ADAPTER }).catch(giveUp);
const children = NAMES.map(start);
const ports = await Promise.all(children.map(portOf));
const server = createRoundRobin(ports);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
for (const child of children) child.once('exit', stopWithIt);

server.listen(settings.port);
await once(server, 'listening').catch((error: Error) => {
  stop();
  giveUp(error);
});
const { port } = server.address() as AddressInfo;
console.log(`Processes ${NAMES.join(' and ')} answer in turns on http://localhost:${port}`);

/** What is wrong is told here, once, and not by each process. */
async function check(env: NodeJS.ProcessEnv): Promise<Settings> {
  const wanted = readSettings(env);
  if (wanted.storeName === 'memory') {
    throw new Error(
      'Two processes share no memory: choose another SESSION_ADAPTER, or none for files.',
    );
  }
  const store = await openStore(env);
  await store.close?.();
  return wanted;
}

function start(name: string): ChildProcess {
  const own = { LISTEN_HOST: HOST, PORT: '0', PROCESS_NAME: name, SESSION_ADAPTER };
  return fork(fileURLToPath(new URL('../main.js', import.meta.url)), {
    env: { ...process.env, ...own },
  });
}

/** The port on which the process listens. One that cannot start has said why. */
async function portOf(child: ChildProcess): Promise<number> {
  const [told] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [number];
  return child.connected ? told : process.exit(1);
}

function stopWithIt(code: number | null): void {
  if (code !== 0) process.exitCode = 1;
  stop();
}

/** A process that is left alone answers what is under way, and ends. */
function stop(): void {
  server.close();
  for (const child of children) if (child.connected) child.disconnect();
}
