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

type DependenciesOf = (wrapper: Wrapper) => readonly Wrapper[];

/**
 * Those wrappers, and all that have one of them injected at any depth: controllers through their
 * guards, interceptors, pipes and filters too.
 */
export function withDependents(
  start: readonly Wrapper[],
  wrappers: readonly Wrapper[],
): Set<Wrapper> {
  return closure(start, wrappers, (wrapper) => [...wiredInto(wrapper), ...enhancersOf(wrapper)]);
}

/** Those wrappers, and all whose instances hold one of them at any depth. */
export function withInjectors(
  start: readonly Wrapper[],
  wrappers: readonly Wrapper[],
): Set<Wrapper> {
  return closure(start, wrappers, wiredInto);
}

function closure(
  start: readonly Wrapper[],
  wrappers: readonly Wrapper[],
  dependenciesOf: DependenciesOf,
): Set<Wrapper> {
  const dependents = dependentsOf(wrappers, dependenciesOf);
  const found = new Set(start);
  for (const wrapper of found) {
    for (const dependent of dependents.get(wrapper) ?? []) found.add(dependent);
  }
  return found;
}

function dependentsOf(
  wrappers: readonly Wrapper[],
  dependenciesOf: DependenciesOf,
): Map<Wrapper, Wrapper[]> {
  const byToken = new Map<unknown, Wrapper[]>();
  for (const wrapper of wrappers) {
    byToken.set(wrapper.token, [...(byToken.get(wrapper.token) ?? []), wrapper]);
  }
  const dependents = new Map<Wrapper, Wrapper[]>();
  for (const wrapper of wrappers) {
    const wired = dependenciesOf(wrapper);
    // Some versions of Nest give what they have wired in wrappers of their own.
    const tokens = [...wired.map(({ token }) => token as unknown), ...declaredTokens(wrapper)];
    for (const dependency of [...wired, ...tokens.flatMap((token) => byToken.get(token) ?? [])]) {
      dependents.set(dependency, [...(dependents.get(dependency) ?? []), wrapper]);
    }
  }
  return dependents;
}

/** What Nest has wired. */
function wiredInto(wrapper: Wrapper): Wrapper[] {
  return [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((property): Wrapper => property.wrapper),
  ];
}

function enhancersOf(wrapper: Wrapper): readonly Wrapper[] {
  return wrapper.getEnhancersMetadata() ?? [];
}

/** What is declared: Nest 11 does not wire request-scoped providers before the first request. */
function declaredTokens({ metatype, inject }: Wrapper): unknown[] {
  if (inject) return inject.map(tokenOf).map(resolveForwardRef);
  if (typeof metatype !== 'function') return [];
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

/** A factory may declare a token along with whether it is optional. */
function tokenOf(injected: object | string | symbol): unknown {
  return typeof injected === 'object' && 'token' in injected ? injected.token : injected;
}

function resolveForwardRef(token: unknown): unknown {
  const { forwardRef } = (token ?? {}) as { forwardRef?: unknown };
  return typeof forwardRef === 'function' ? (forwardRef as () => unknown)() : token;
}
