import 'reflect-metadata';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { createApplications, createSharedServer } from './applications.js';
import { chooseStore } from './stores/choose-store.js';

const { PORT: port = '3000', PLATFORM: platform, STORE: storeName } = process.env;

const store = await chooseStore(storeName);
const applications = await createApplications(platform, store);
const server = createSharedServer(applications);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

server.listen(Number(port));
await once(server, 'listening');
new Logger('Sample').log(`Click through the sample on http://localhost:${port}`);

/** What is under way is answered; connections that say nothing more are cut. */
async function stop(): Promise<void> {
  server.close();
  setTimeout(() => server.closeAllConnections(), 2000).unref();
  await once(server, 'close');
  await Promise.all([applications.shop.close(), applications.office.close()]);
  await store.close?.();
}
