import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';

/** Older versions of Nest have it undefined, newer ones null, where an application has no HTTP. */
export function adapterOf(host: HttpAdapterHost): AbstractHttpAdapter | null | undefined {
  return host.httpAdapter;
}

/**
 * Gives `use` the adapter of each application that is made of the host's container, once and as
 * soon as Nest knows it: the one that is there, or those that a testing module gets later, one for
 * each `createNestApplication()`. An application context has none. `init$` of the host tells of the
 * first only, and from Nest 11.1.4 on.
 */
export function eachAdapter(
  host: HttpAdapterHost,
  use: (adapter: AbstractHttpAdapter) => void,
): void {
  const met = new Set<AbstractHttpAdapter>();
  const meet = (adapter: AbstractHttpAdapter | null | undefined): void => {
    if (!adapter || met.has(adapter)) return;
    met.add(adapter);
    use(adapter);
  };
  const usual = accessorOf(host);
  Object.defineProperty(host, 'httpAdapter', {
    configurable: true,
    get: () => Reflect.apply(usual.get, host, []) as unknown,
    set(adapter: AbstractHttpAdapter | null | undefined) {
      Reflect.apply(usual.set, host, [adapter]);
      meet(adapter);
    },
  });
  meet(adapterOf(host));
}

/** Several may want to know. */
function accessorOf(host: HttpAdapterHost): { readonly get: Function; readonly set: Function } {
  const name = 'httpAdapter';
  const { get, set } =
    Reflect.getOwnPropertyDescriptor(host, name) ??
    Reflect.getOwnPropertyDescriptor(HttpAdapterHost.prototype, name) ??
    {};
  if (get && set) return { get, set };
  throw new TypeError('HttpAdapterHost of this version of Nest has no accessor httpAdapter.');
}
