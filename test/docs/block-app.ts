import 'reflect-metadata';
import { Module, RequestMethod, type Type } from '@nestjs/common';
import {
  CONTROLLER_WATERMARK,
  INJECTABLE_WATERMARK,
  METHOD_METADATA,
  MODULE_METADATA,
  PATH_METADATA,
} from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import { SESSION_ADAPTER, SessionModule } from 'nestjs-session-bag';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';

export interface Answer {
  readonly route: string;
  readonly status: number;
}

/**
 * The modules that the blocks of a page export, and one for each block whose controllers are in none
 * of them, with whatever else of the page can be injected.
 */
export function modulesOf(blocks: readonly object[]): readonly Type[] {
  const modules = blocks.flatMap((block) => classesOf(block, MODULE_METADATA.IMPORTS));
  const housed = new Set(modules.flatMap(controllersOf));
  const homes = blocks.flatMap((block) => {
    const homeless = classesOf(block, CONTROLLER_WATERMARK).filter((type) => !housed.has(type));
    return homeless.length > 0 ? [moduleFor(homeless, providersFor(block, blocks))] : [];
  });
  return [...modules, ...homes];
}

/** Those of the block itself, and those of the others that it does not have under the same name. */
function providersFor(block: object, blocks: readonly object[]): Type[] {
  const all = [block, ...blocks].flatMap((each) => classesOf(each, INJECTABLE_WATERMARK));
  const names = all.map(({ name }) => name);
  return all.filter(({ name }, index) => names.indexOf(name) === index);
}

function moduleFor(controllers: Type[], providers: Type[]): Type {
  class PageModule {}
  Module({ imports: [SessionModule.forRoot()], controllers, providers })(PageModule);
  return PageModule;
}

/**
 * Boots the module of a page and asks each of its routes once, with an empty JSON body where the
 * method has one. Sessions are kept in memory, whatever store the page shows; its options are
 * checked all the same.
 */
export async function answersOf(module: Type): Promise<readonly Answer[]> {
  const testing = Test.createTestingModule({ imports: [module] });
  const compiled = await testing
    .overrideProvider(SESSION_ADAPTER)
    .useValue(new MemoryAdapter())
    .compile();
  const app = compiled.createNestApplication({ logger: false, forceCloseConnections: true });
  try {
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const routes = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
      [...controllers.values()].flatMap(({ metatype }) => routesOf(metatype as Type)),
    );
    const answers: Answer[] = [];
    for (const { method, path } of routes) {
      const { status } = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        redirect: 'manual',
        ...(method !== 'GET' && {
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }),
      });
      answers.push({ route: `${method} ${path}`, status });
    }
    return answers;
  } finally {
    await app.close();
  }
}

function classesOf(block: object, metadata: string): Type[] {
  return Object.values(block).filter(
    (value): value is Type => typeof value === 'function' && Reflect.hasMetadata(metadata, value),
  );
}

function controllersOf(module: Type): Type[] {
  return (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) as Type[] | undefined) ?? [];
}

function routesOf(controller: Type): { method: string; path: string }[] {
  const prefix = String(Reflect.getMetadata(PATH_METADATA, controller));
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? 'GET';
    const path = `/${prefix}/${String(Reflect.getMetadata(PATH_METADATA, handler))}`;
    return [{ method, path: path.replaceAll(/\/+/g, '/') }];
  });
}
