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
  const dependents = new Map<Wrapper, Wrapper[]>();
  for (const wrapper of wrappers) {
    for (const dependency of dependenciesIn(wrapper, dependenciesOf(wrapper))) {
      const known = dependents.get(dependency);
      if (known) known.push(wrapper);
      else dependents.set(dependency, [wrapper]);
    }
  }
  return dependents;
}

/** @param wired what Nest has wired; some versions give it in wrappers of their own */
function dependenciesIn(wrapper: Wrapper, wired: readonly Wrapper[]): ReadonlySet<Wrapper> {
  const tokens = [...wired.map(({ token }) => token as unknown), ...declaredTokens(wrapper)];
  const { host } = wrapper;
  return new Set([...wired, ...(host ? tokens.flatMap((token) => standingFor(token, host)) : [])]);
}

/** What a token may stand for in a module. Another module may have something else under it. */
function standingFor(token: unknown, module: Module): Wrapper[] {
  const key = token as Wrapper['token'];
  const own = module.providers.get(key);
  const enhancer = module.injectables.get(key);
  return [...(own ? [own] : importedInto(module, key)), ...(enhancer ? [enhancer] : [])];
}

/** All of them: which one of several Nest takes differs between its versions. */
function importedInto(module: Module, token: Wrapper['token']): Wrapper[] {
  const found: Wrapper[] = [];
  const met = new Set(module.imports);
  for (const { providers, exports, imports } of met) {
    const provider = exports.has(token) ? providers.get(token) : undefined;
    if (provider) found.push(provider);
    else for (const inner of imports) if (exports.has(inner.metatype)) met.add(inner);
  }
  return found;
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
  const named = noted<{ index: number; param: unknown }>(metatype, CONSTRUCTOR_TOKENS);
  const properties = noted<{ type: unknown }>(metatype, PROPERTY_TOKENS);
  // A token counts in the place of the parameter's type.
  const parameters = [...types];
  for (const { index, param } of named) parameters[index] = param;
  return [...parameters, ...properties.map(({ type }) => type)].map(resolveForwardRef);
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
