import { once } from 'node:events';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { UnansweredRequests } from './app/unanswered-requests.js';

let server: Server;

afterEach(async () => {
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

/** How many there are as soon as a server has ended that does this with one request. */
async function leftBy(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  const unanswered = new UnansweredRequests(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port });
  sent.on('response', (response) => response.on('error', () => {}).resume());
  sent.on('error', () => {});
  sent.end();
  return new Promise((resolve) => {
    server.once('request', () => server.close(() => resolve(unanswered.count)));
  });
}

it('counts a request whose connection was cut before any answer', async () => {
  expect(await leftBy((_, response) => response.destroy())).toBe(1);
});

it('does not count one that was answered', async () => {
  expect(await leftBy((_, response) => response.setHeader('connection', 'close').end('well'))).toBe(
    0,
  );
});

it('does not count one whose answer was cut after its head, last of all', async () => {
  const cut: RequestListener = (_, response) => {
    response.write('begun');
    response.destroy();
  };
  expect(await leftBy(cut)).toBe(0);
});
