import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { close, createApplications, createSharedServer } from './applications.js';
import { giveUp } from './give-up.js';
import { ServerInfo } from './pages/server-info.js';
import { readSettings } from './settings.js';
import { openStore } from './stores/open-store.js';

await start(process.env).catch(giveUp);

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  const { LISTEN_HOST, PROCESS_NAME = `${process.pid}` } = env;
  const { platform, port, storeName } = readSettings(env);
  const store = await openStore(env);
  const info = new ServerInfo(PROCESS_NAME, storeName);
  const applications = await createApplications(platform, store, info, {
    logger: ['error', 'warn'],
  });
  const server = createSharedServer(applications);

  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    await close(server, applications);
    await store.close?.();
  };
  for (const end of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(end, () => void stop());

  server.listen({ host: LISTEN_HOST, port });
  await once(server, 'listening');
  sayWhere(server.address() as AddressInfo);
}

function sayWhere({ port }: AddressInfo): void {
  if (process.send) process.send(port);
  else console.log(`Click through the sample on http://localhost:${port}`);
}
