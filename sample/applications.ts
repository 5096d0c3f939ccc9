import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import type { FastifyInstance } from 'fastify';
import type { SessionAdapter } from 'nestjs-session-bag';
import { AdminModule } from './admin/admin.module.js';
import { LiveGateway } from './live/live.gateway.js';
import type { ServerInfo } from './pages/server-info.js';
import { securityHeaders } from './security/security-headers.js';
import type { Platform } from './settings.js';
import { ShopModule } from './shop.module.js';

export interface Applications {
  readonly shop: INestApplication;
  readonly admin: INestApplication;
}

/**
 * Both applications on one store: a browser has one session with the two of them, in which each
 * sees its own variables.
 */
export async function createApplications(
  platform: Platform,
  store: SessionAdapter,
  server: ServerInfo,
  options: NestApplicationOptions = {},
): Promise<Applications> {
  const create = async (module: DynamicModule): Promise<INestApplication> => {
    const application = await NestFactory.create(module, httpAdapter(platform), options);
    application.use(securityHeaders);
    application.useWebSocketAdapter(new WsAdapter(application));
    return makeReady(application);
  };
  return {
    shop: await create(ShopModule.register(store, server)),
    admin: await create(AdminModule.register(store, server)),
  };
}

/** One port for both, so that the browser sends both the same cookie. */
export function createSharedServer({ shop, admin }: Applications): Server {
  const server = createServer((request, response) => {
    const application = isForAdmin(request.url) ? admin : shop;
    application.getHttpServer().emit('request', request, response);
  });
  server.on('upgrade', (...connection) => shop.getHttpServer().emit('upgrade', ...connection));
  return server;
}

/** What is under way is answered; connections that say nothing more within two seconds are cut. */
export async function close(server: Server, { shop, admin }: Applications): Promise<void> {
  const closed = once(server.close(), 'close');
  shop.get(LiveGateway).disconnectAll();
  setTimeout(() => server.closeAllConnections(), 2000).unref();
  await closed;
  await Promise.all([shop.close(), admin.close()]);
}

function isForAdmin(url = ''): boolean {
  return /^\/admin(?:[/?]|$)/.test(url);
}

/** What `listen()` would do, except for opening a port. */
async function makeReady(application: INestApplication): Promise<INestApplication> {
  await application.init();
  const instance: Partial<FastifyInstance> = application.getHttpAdapter().getInstance();
  await instance.ready?.();
  return application;
}

function httpAdapter(platform: Platform): AbstractHttpAdapter {
  return platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
}
