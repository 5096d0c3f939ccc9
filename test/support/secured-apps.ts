import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import type { Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Platform } from './http-apps.js';

export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

export interface SecuredApp {
  readonly port: number;
  close(): Promise<void>;
}

/** A key and its self-signed certificate for localhost. */
export async function createKeyPair(): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'key-pair-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'];
  const files = ['-subj', '/CN=localhost', '-keyout', keyFile, '-out', certFile];
  try {
    await promisify(execFile)('openssl', ['req', '-x509', ...how, ...files]);
    return { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An application that speaks https itself. */
export function startHttpsApp(
  platform: Platform,
  module: Type,
  pair: KeyPair,
): Promise<SecuredApp> {
  return platform === 'express'
    ? start(module, new ExpressAdapter(), pair)
    : start(module, new FastifyAdapter({ https: { ...pair } }));
}

/** An application that trusts one proxy before it. */
export async function startAppBehindProxy(platform: Platform, module: Type): Promise<SecuredApp> {
  if (platform === 'fastify') return start(module, new FastifyAdapter({ trustProxy: true }));
  const adapter = new ExpressAdapter();
  adapter.set('trust proxy', 1);
  return start(module, adapter);
}

async function start(
  module: Type,
  adapter: AbstractHttpAdapter,
  httpsOptions?: KeyPair,
): Promise<SecuredApp> {
  const app = await NestFactory.create(module, adapter, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
    ...(httpsOptions && { httpsOptions }),
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, close: () => app.close() };
}

/** The Set-Cookie headers of an https answer. */
export function secureSetCookies(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false };
    const sent = request({ ...options, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.headers['set-cookie'] ?? []));
    });
    sent.on('error', reject).end();
  });
}
