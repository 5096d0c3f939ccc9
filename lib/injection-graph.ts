import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';

type Module = ModulesContainer extends Map<unknown, infer M> ? M : never;
/** What Nest knows of a provider, a controller, a guard and the like. */
export type Wrapper = NonNullable<ReturnType<Module['providers']['get']>>;

/** Where Nest's decorators note what a class has injected. */
const CONSTRUCTOR_TYPES = 'design:paramtypes';
const CONSTRUCTOR_TOKENS = 'self:paramtypes';
const PROPERTY_TOKENS = 'self:properties_metadata';

export function wrappersOf(modules: ModulesContainer): Wrapper[] {
  return [...modules.values()].flatMap((module): Wrapper[] => [
    ...module.providers.values(),
    ...module.injectables.values(),
    ...module.controllers.values(),
  ]);
}

/** Those wrappers, and all that have one of them injected at any depth. */
export function withDependents(
  start: readonly Wrapper[],
  wrappers: readonly Wrapper[],
): Set<Wrapper> {
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
