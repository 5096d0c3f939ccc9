import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Platform } from '../support/http-apps.js';

export interface TlsProxy {
  readonly port: number;
  /** Where what comes in goes to from now on. */
  forwardTo(port: number): void;
  close(): Promise<void>;
}

/** A platform that believes what a proxy in front of it says. */
export function trustingAdapter(platform: Platform): AbstractHttpAdapter {
  if (platform === 'fastify') return new FastifyAdapter({ trustProxy: true });
  const adapter = new ExpressAdapter();
  adapter.set('trust proxy', 1);
  return adapter;
}

/**
 * Speaks https, with a certificate that it has made itself, to browsers, and http to an application.
 *
 * @param folder for the certificate
 */
export async function startTlsProxy(folder: string): Promise<TlsProxy> {
  let target = 0;
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { url, method, headers } = incoming;
    const outgoing = request({
      host: '127.0.0.1',
      port: target,
      path: url,
      method,
      headers: { ...headers, 'x-forwarded-proto': 'https' },
    });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer(await certificate(folder), forward);
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo: (port) => void (target = port),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function certificate(folder: string): Promise<{ key: Buffer; cert: Buffer }> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  await promisify(execFile)('openssl', [
    ...`req ${options} -subj /CN=localhost`.split(' '),
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ]);
  return { key: await readFile(keyFile), cert: await readFile(certFile) };
}
