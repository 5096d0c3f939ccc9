import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { forwardedFor } from './forwarded-for.js';

/** Where the processes listen, for nobody but the balancer. */
export const HOST = '127.0.0.1';

/** Hands one request after the other to the next port of this machine; WebSockets, too. */
export function createRoundRobin(ports: readonly number[]): Server {
  let turn = 0;
  const nextPort = (): number => ports[turn++ % ports.length] ?? 0;

  const server = createServer((received, response) => {
    const { method, url: path } = received;
    const headers = [...received.rawHeaders, ...forwardedFor(received)];
    const sent = request({ host: HOST, port: nextPort(), method, path, headers, setHost: false });
    sent.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      pipeline(answer, response, () => {});
    });
    sent.once('error', () => response.headersSent || response.writeHead(502).end());
    response.once('close', () => sent.destroy());
    received.pipe(sent);
  });

  server.on('upgrade', (received, client, head) => {
    const target = connect({ host: HOST, port: nextPort() });
    target.write(headOf(received));
    target.write(head);
    pipeline(client, target, client, () => {});
  });
  return server;
}

/** The request as it came, up to the end of its headers. */
function headOf(received: IncomingMessage): string {
  const { method, url, httpVersion, rawHeaders } = received;
  const headers = [...rawHeaders, ...forwardedFor(received)];
  const lines = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`;
}
