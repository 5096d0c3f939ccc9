import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

export const platforms = ['express', 'fastify'] as const;

export type Platform = (typeof platforms)[number];

export interface RunningApp {
  readonly app: INestApplication;
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A module class, or what its decorator would be given. */
export type AppModule = Type | ModuleMetadata;

/**
 * Listens on a free port of 127.0.0.1. `configure` does what main.ts would do before that; an adapter
 * of one's own may stand in place of the platform.
 */
export async function startApp(
  platform: Platform | AbstractHttpAdapter,
  module: AppModule,
  configure: (app: INestApplication) => void | Promise<void> = () => undefined,
): Promise<RunningApp> {
  const app = await NestFactory.create(moduleClass(module), adapterOf(platform), {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  await configure(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** A new adapter with its defaults. */
export function adapterOf(platform: Platform | AbstractHttpAdapter): AbstractHttpAdapter {
  if (typeof platform !== 'string') return platform;
  return platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
}

function moduleClass(module: AppModule): Type {
  if (typeof module === 'function') return module;
  class TestModule {}
  Module(module)(TestModule);
  return TestModule;
}
