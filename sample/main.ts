import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { close, createApplications, createSharedServer } from './applications.js';
import { ServerInfo } from './pages/server-info.js';
import { openStore } from './stores/open-store.js';

const { LISTEN_HOST, PORT = '3000', PLATFORM, SESSION_ADAPTER = 'memory' } = process.env;
const { PROCESS_NAME = `${process.pid}` } = process.env;

const store = await openStore(process.env).catch(giveUp);
const info = new ServerInfo(PROCESS_NAME, SESSION_ADAPTER);
const applications = await createApplications(PLATFORM, store, info, {
  logger: ['error', 'warn'],
});
const server = createSharedServer(applications);
for (const end of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(end, () => void stop());

server.listen({ host: LISTEN_HOST, port: Number(PORT) });
await once(server, 'listening').catch(giveUp);
const { port } = server.address() as AddressInfo;
if (process.send) process.send(port);
else console.log(`Click through the sample on http://localhost:${port}`);

/** Such as a store that is not there, or a port that is taken. */
function giveUp({ message }: Error): never {
  console.error(message);
  process.exit(1);
}

async function stop(): Promise<void> {
  if (!server.listening) return;
  await close(server, applications);
  await store.close?.();
}
