// A process of the application that is driven: <settings as JSON>
import { writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SESSION_ADAPTER, type SessionAdapter } from 'nestjs-session-bag';
import { adapterOf } from '../../support/http-apps.js';
import { BrokenAdapter, brokenAdapterFaults } from './broken-adapter.js';
import { fallSilent } from './fall-silent.js';
import {
  type AppMessage,
  type AppRequest,
  type AppSettings,
  type Holdings,
  UNANSWERED,
} from './messages.js';
import { shopModule } from './shop.js';
import { UnansweredRequests } from './unanswered-requests.js';

/** Milliseconds; longer than any user is silent, so that no request meets a connection that closes. */
const KEPT_ALIVE = 60_000;

const settings = JSON.parse(process.argv[2] ?? '') as AppSettings;

try {
  const app = await start(settings);
  const server = app.getHttpServer() as Server;
  process.on('message', (request: AppRequest) => void answer(app, server, request));
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // That it could be asked something does not keep the process alive.
  process.channel?.unref();
  const address = server.address();
  if (typeof address === 'object' && address !== null) tell({ listensOn: address.port });
} catch (error) {
  tell({ refusal: String(error) });
  process.exitCode = 1;
  process.disconnect();
}

/** As docs/reliability.md says that an application should be started: so that it ends in order. */
async function start({ platform, port, options, broken }: AppSettings): Promise<INestApplication> {
  const { storeTimeout, renewAfter } = options;
  const fault = brokenAdapterFaults.find((each) => each === broken);
  const choice = fault ? { adapter: new BrokenAdapter(fault), storeTimeout, renewAfter } : options;
  const shop = shopModule(choice, broken === 'forgotten-ends');
  const app = await NestFactory.create(shop, adapterOf(platform), {
    logger: process.env['CHAOS_LOG'] === undefined ? false : ['error', 'warn'],
    abortOnError: false,
    return503OnClosing: true,
  });
  app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  if (broken === 'silence') app.use(fallSilent());
  const server = app.getHttpServer() as Server;
  server.keepAliveTimeout = KEPT_ALIVE;
  const unanswered = new UnansweredRequests(server);
  process.once('exit', () => writeSync(1, `${UNANSWERED}${unanswered.count}\n`));
  await app.listen(port, '127.0.0.1');
  return app;
}

async function answer(app: INestApplication, server: Server, request: AppRequest): Promise<void> {
  if (request === 'close') return app.close();
  if (request === 'sweep') await app.get<SessionAdapter>(SESSION_ADAPTER).sweep?.();
  tell({ holdings: await holdings(server) });
}

async function holdings(server: Server): Promise<Holdings> {
  // Twice: what the first time lets go of, the second time takes.
  globalThis.gc?.();
  globalThis.gc?.();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    descriptors: (await readdir('/proc/self/fd')).length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    listeners: [process, server]
      .flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name)))
      .reduce((sum, count) => sum + count, 0),
  };
}

function tell(message: AppMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
