import 'reflect-metadata';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { persistentBagsOf } from './decorators/persistent.decorator.js';
import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';

type Module = ModulesContainer extends Map<unknown, infer M> ? M : never;
type Wrapper = NonNullable<ReturnType<Module['providers']['get']>>;

/** Where Nest's decorators note what a class has injected. */
const CONSTRUCTOR_TYPES = 'design:paramtypes';
const CONSTRUCTOR_TOKENS = 'self:paramtypes';
const PROPERTY_TOKENS = 'self:properties_metadata';

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
  const wrappers = [...modules.values()].flatMap((module): Wrapper[] => [
    ...module.providers.values(),
    ...module.injectables.values(),
    ...module.controllers.values(),
  ]);
  const hosts = wrappers.filter((wrapper) => bagsOf(wrapper).length > 0);
  assertDistinctNames(hosts);
  if (hosts.length === 0) return new Set();
  const users = withDependents(hosts, wrappers);
  const isGlobal = globalEnhancers(config);
  if ([...users].some(isGlobal)) return 'all';
  return new Set(Array.from(users, (wrapper) => wrapper.metatype));
}

function bagsOf({ metatype, inject }: Wrapper): string[] {
  const isClass = typeof metatype === 'function' && !inject;
  return isClass ? persistentBagsOf(metatype) : [];
}

function assertDistinctNames(hosts: readonly Wrapper[]): void {
  const classes = new Map<string, Wrapper['metatype']>();
  for (const host of hosts) {
    for (const name of bagsOf(host)) {
      const other = classes.get(name) ?? host.metatype;
      classes.set(name, other);
      if (name !== '' && other === host.metatype) continue;
      throw new InvalidSessionOptionsException(
        name === ''
          ? 'A class without a name uses @Persistent(). Give the class or the bag a name.'
          : `Two different classes use @Persistent() under the name "${name}" and would share one ` +
              "bag. Give both a name of their own: @Persistent('first') and @Persistent('second').",
      );
    }
  }
}

/** Those wrappers, and all that have one of them injected at any depth. */
function withDependents(start: readonly Wrapper[], wrappers: readonly Wrapper[]): Set<Wrapper> {
  const dependents = dependentsOf(wrappers);
  const found = new Set(start);
  for (const wrapper of found) {
    for (const dependent of dependents.get(wrapper) ?? []) found.add(dependent);
  }
  return found;
}

function dependentsOf(wrappers: readonly Wrapper[]): Map<Wrapper, Wrapper[]> {
  const byToken = new Map<unknown, Wrapper[]>();
  for (const wrapper of wrappers) {
    byToken.set(wrapper.token, [...(byToken.get(wrapper.token) ?? []), wrapper]);
  }
  const dependents = new Map<Wrapper, Wrapper[]>();
  for (const wrapper of wrappers) {
    const declared = injectedTokens(wrapper).flatMap((token) => byToken.get(token) ?? []);
    for (const dependency of [...resolvedDependencies(wrapper), ...declared]) {
      dependents.set(dependency, [...(dependents.get(dependency) ?? []), wrapper]);
    }
  }
  return dependents;
}

/** What Nest has wired. */
function resolvedDependencies(wrapper: Wrapper): Wrapper[] {
  return [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((property): Wrapper => property.wrapper),
    ...(wrapper.getEnhancersMetadata() ?? []),
  ];
}

/** What a class declares: Nest 11 does not wire request-scoped classes before the first request. */
function injectedTokens({ metatype, inject }: Wrapper): unknown[] {
  if (typeof metatype !== 'function' || inject) return [];
  const types = noted<unknown>(metatype, CONSTRUCTOR_TYPES);
  const named = noted<{ param: unknown }>(metatype, CONSTRUCTOR_TOKENS);
  const properties = noted<{ type: unknown }>(metatype, PROPERTY_TOKENS);
  return [...types, ...named.map(({ param }) => param), ...properties.map(({ type }) => type)].map(
    resolveForwardRef,
  );
}

function noted<T>(host: Function, key: string): readonly T[] {
  return (Reflect.getMetadata(key, host) as readonly T[] | undefined) ?? [];
}

function resolveForwardRef(token: unknown): unknown {
  const { forwardRef } = (token ?? {}) as { forwardRef?: unknown };
  return typeof forwardRef === 'function' ? (forwardRef as () => unknown)() : token;
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
