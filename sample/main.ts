import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { close, createApplications, createSharedServer } from './applications.js';
import { ServerInfo } from './pages/server-info.js';
import { openStore } from './stores/open-store.js';

const { HOST, PORT = '3000', PLATFORM, SESSION_ADAPTER = 'memory' } = process.env;
const { PROCESS_NAME = `${process.pid}` } = process.env;

const store = await openStore(process.env).catch((error: Error) => {
  console.error(error.message);
  return process.exit(1);
});
const info = new ServerInfo(PROCESS_NAME, SESSION_ADAPTER);
const applications = await createApplications(PLATFORM, store, info, {
  logger: ['error', 'warn'],
});
const server = createSharedServer(applications);
for (const end of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(end, () => void stop());

server.listen({ host: HOST, port: Number(PORT) });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
if (process.send) process.send(port);
else console.log(`Click through the sample on http://localhost:${port}`);

async function stop(): Promise<void> {
  if (!server.listening) return;
  await close(server, applications);
  await store.close?.();
}
