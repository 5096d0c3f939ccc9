import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createRoundRobin, HOST } from './round-robin.js';

/** Two processes of the sample behind one port, on one store: the session follows. */
const NAMES = ['A', 'B'];
const { PORT = '3000', SESSION_ADAPTER = 'file' } = process.env;

if (SESSION_ADAPTER === 'memory') {
  console.error(
    'Two processes share no memory: choose another SESSION_ADAPTER, or none for files.',
  );
  process.exit(1);
}

const children = NAMES.map(start);
const ports = await Promise.all(children.map(portOf));
const server = createRoundRobin(ports);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
for (const child of children) child.once('exit', stopWithIt);

server.listen(Number(PORT));
await once(server, 'listening').catch(({ message }: Error) => {
  console.error(message);
  stop();
  process.exit(1);
});
const { port } = server.address() as AddressInfo;
console.log(`Processes ${NAMES.join(' and ')} answer in turns on http://localhost:${port}`);

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
