import 'reflect-metadata';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import { type INestApplication, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import session from 'express-session';
import type { FastifyPluginCallback } from 'fastify';
import { SessionModule } from 'nestjs-session-bag';
import type { Variant } from '../variants.js';
import { BareController } from './bare.controller.js';
import { OwnController } from './own.controller.js';
import { ownOptions } from './own-options.js';
import { PeerController } from './peer.controller.js';
import { createPeerStore } from './peer-store.js';
import { ScopedController } from './scoped.controller.js';

// Its types would say of every other request in this project that it has such a session.
const fastifySession = createRequire(import.meta.url)('@fastify/session') as FastifyPluginCallback<
  Record<string, unknown>
>;

const SECRET = 'a secret of thirty-two characters and some more';

/** Listens on a free port of the loopback, which it gives. */
export async function startServer(variant: Variant): Promise<number> {
  class AppModule {}
  Module(moduleOf(variant))(AppModule);
  const adapter = variant.platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  if (variant.library === 'peer') await usePeer(app, variant);
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  // A connection waits while others have their turn, on a busy machine for long.
  server.keepAliveTimeout = 0;
  return (server.address() as AddressInfo).port;
}

function moduleOf({ library, store }: Variant): ModuleMetadata {
  if (library === 'bare') return { controllers: [BareController] };
  if (library === 'peer') return { controllers: [PeerController] };
  return {
    imports: [SessionModule.forRoot(ownOptions(store))],
    controllers: [OwnController, ScopedController],
  };
}

/** What both READMEs recommend, and the cookie over http; @fastify/session rolls unless told not to. */
async function usePeer(app: INestApplication, { platform, store }: Variant): Promise<void> {
  const kept = await createPeerStore(store);
  const options = { secret: SECRET, saveUninitialized: false, rolling: false };
  if (platform === 'express') {
    app.use(session({ ...options, resave: false, ...(kept && { store: kept }) }));
    return;
  }
  const fastify = app as NestFastifyApplication;
  await fastify.register(fastifyCookie);
  await fastify.register(fastifySession, {
    ...options,
    cookie: { secure: false },
    ...(kept && { store: kept }),
  });
}
