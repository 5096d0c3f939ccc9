import 'reflect-metadata';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { persistentBagsOf } from './decorators/persistent.decorator.js';
import { PersistentNames } from './decorators/persistent-names.js';
import { withDependents, type Wrapper, wrappersOf } from './injection-graph.js';

/**
 * The classes whose instances have a `@Persistent` bag, or get something injected that has one, at
 * any depth: controllers through their guards, interceptors, pipes and filters too. `'all'` when
 * one of the global ones does.
 *
 * @throws InvalidSessionOptionsException when two classes would share one bag
 */
export function findPersistentUsers(
  modules: ModulesContainer,
  config: ApplicationConfig,
): ReadonlySet<unknown> | 'all' {
  const users = withPersistentBags(modules);
  const isGlobal = globalEnhancers(config);
  if ([...users].some(isGlobal)) return 'all';
  return new Set(Array.from(users, (wrapper) => wrapper.metatype));
}

/** The same, whatever is global. */
export function withPersistentBags(modules: ModulesContainer): ReadonlySet<Wrapper> {
  const wrappers = wrappersOf(modules);
  const hosts = wrappers.filter((wrapper) => bagsOf(wrapper).length > 0);
  assertDistinctNames(hosts);
  return hosts.length === 0 ? new Set() : withDependents(hosts, wrappers);
}

function bagsOf({ metatype, inject }: Wrapper): string[] {
  const isClass = typeof metatype === 'function' && !inject;
  return isClass ? persistentBagsOf(metatype) : [];
}

/** Those too that are not made before the first request. */
function assertDistinctNames(hosts: readonly Wrapper[]): void {
  const names = new PersistentNames();
  for (const host of hosts) {
    for (const name of bagsOf(host)) names.claim(name, host.metatype as Function);
  }
}

function globalEnhancers(config: ApplicationConfig): (wrapper: Wrapper) => boolean {
  const instances = new Set<unknown>([
    ...config.getGlobalGuards(),
    ...config.getGlobalInterceptors(),
    ...config.getGlobalPipes(),
    ...config.getGlobalFilters(),
  ]);
  const requestScoped = new Set<unknown>([
    ...config.getGlobalRequestGuards(),
    ...config.getGlobalRequestInterceptors(),
    ...config.getGlobalRequestPipes(),
    ...config.getGlobalRequestFilters(),
  ]);
  return (wrapper) => requestScoped.has(wrapper) || instances.has(wrapper.instance);
}
