// Applications in a process of their own: <what they are, as JSON>
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { RunningApp } from './http-apps.js';
import { startStopwatch } from './stopwatch.js';
import type { ProcessReport, Shop } from './shop-processes.js';
import { startShop } from './shop-app.js';

const shops = JSON.parse(process.argv[2] ?? '') as readonly Shop[];

const running: RunningApp[] = [];
const close = (): void => running.forEach((shop) => void shop.close());

try {
  for (const { platform, options } of shops) {
    running.push(await startShop(platform, options, reportAnswers));
  }
  // Whoever started the process wants it no more.
  process.once('disconnect', close);
  report({ urls: running.map(({ url }) => url) });
} catch (error) {
  report({ refusal: String(error) });
  process.exitCode = 1;
  close();
  // From now on nothing of this file keeps the process alive.
  process.disconnect();
}

/** Tells how long each request was here. */
function reportAnswers(app: INestApplication): void {
  const server = app.getHttpServer() as NodeJS.EventEmitter;
  server.on('request', ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const time = startStopwatch();
    response.once('close', () => {
      report({ path: url, status: response.statusCode, took: time() });
    });
  });
}

function report(message: ProcessReport): void {
  // Whoever listened may be gone by now.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
