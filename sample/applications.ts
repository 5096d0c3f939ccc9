import { createServer, type Server } from 'node:http';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { SessionAdapter } from 'nestjs-session-bag';
import { AppModule } from './app.module.js';
import { OfficeModule } from './office/office.module.js';

export interface Applications {
  readonly shop: INestApplication;
  readonly office: INestApplication;
}

/**
 * Both applications on one store: a browser has one session with the two of them, in which each
 * sees its own variables.
 *
 * @param platform `'express'` or `'fastify'`
 */
export async function createApplications(
  platform: string | undefined,
  store: SessionAdapter,
  options: NestApplicationOptions = {},
): Promise<Applications> {
  const create = (module: DynamicModule) =>
    NestFactory.create(module, httpAdapter(platform), options);
  const shop = await create(AppModule.register(store));
  const office = await create(OfficeModule.register(store));
  await Promise.all([makeReady(shop), makeReady(office)]);
  return { shop, office };
}

/** One port for both, so that the browser sends both the same cookie. */
export function createSharedServer({ shop, office }: Applications): Server {
  return createServer((request, response) => {
    const application = request.url?.startsWith('/office') ? office : shop;
    application.getHttpServer().emit('request', request, response);
  });
}

/** What `listen()` would do, except for opening a port. */
async function makeReady(application: INestApplication): Promise<void> {
  await application.init();
  const instance: Partial<FastifyInstance> = application.getHttpAdapter().getInstance();
  await instance.ready?.();
}

function httpAdapter(platform = 'express'): AbstractHttpAdapter {
  switch (platform) {
    case 'express':
      return new ExpressAdapter();
    case 'fastify':
      return new FastifyAdapter();
    default:
      throw new Error('PLATFORM is express or fastify.');
  }
}
