import { types } from 'node:util';
import type { ModulesContainer } from '@nestjs/core';
import { isObservable, Observable } from 'rxjs';
import { type Wrapper, wrappersOf } from './injection-graph.js';
import { exchangeStorage, outsideExchange } from './session.context.js';

/** What is needed of the clients of `@nestjs/microservices`; the package itself is not. */
interface ClientLike {
  connect(...args: unknown[]): unknown;
  send(...args: unknown[]): Observable<unknown>;
  /** What clients of gRPC have in place of `send`. */
  getService?(...args: unknown[]): Readonly<Record<string, ServiceMethod>>;
}

type ServiceMethod = (...args: unknown[]) => unknown;

/** Of which the last two are what each kind of client writes itself. */
const METHODS = ['connect', 'send', 'emit', 'publish', 'dispatchEvent'];

/**
 * Lets the answers of microservices be within the request that has asked. Their clients connect with
 * the first question, and all that comes over that connection would be within the request that has
 * asked it: `map()` and `tap()` behind `send()` would see, and change, another visitor's session. So
 * with the services of gRPC, whose connection asks what has waited for it.
 */
export function bindClientAnswers(modules: ModulesContainer): void {
  const candidates = new Set(wrappersOf(modules).flatMap(madeAndHeld));
  for (const candidate of candidates) if (isClient(candidate)) bind(candidate);
}

/** The instance, and what stands in its properties: classes make clients for themselves, too. */
function madeAndHeld({ instance, metatype, inject }: Wrapper): unknown[] {
  const made: unknown = instance;
  const isOfClass = typeof metatype === 'function' && !inject;
  if (!isOfClass || types.isProxy(made)) return [made];
  const properties = Object.values(Object.getOwnPropertyDescriptors(Object(made)));
  return [made, ...properties.map(({ value }): unknown => value)];
}

/** Only what the class has is looked at: some proxies refuse to be, outside a request. */
function isClient(instance: unknown): instance is ClientLike {
  if (typeof instance !== 'object' || instance === null || types.isProxy(instance)) return false;
  const model = Reflect.getPrototypeOf(instance);
  return METHODS.every((name) => typeof findMethod(model, name) === 'function');
}

function findMethod(model: object | null, name: string): unknown {
  if (model === null) return undefined;
  const own = Reflect.getOwnPropertyDescriptor(model, name);
  return own ? own.value : findMethod(Reflect.getPrototypeOf(model), name);
}

function bind(client: ClientLike): void {
  const connect = client.connect.bind(client);
  const send = client.send.bind(client);
  client.connect = (...args) => outsideExchange(() => connect(...args));
  client.send = (...args) => withinExchange(send(...args));
  const getService = client.getService?.bind(client);
  if (getService) client.getService = (...args) => boundService(getService(...args));
}

function boundService(
  service: Readonly<Record<string, ServiceMethod>>,
): Record<string, ServiceMethod> {
  const bound = Object.entries(service).map(([name, method]): [string, ServiceMethod] => [
    name,
    (...args) => {
      const answers = method(...args);
      return isObservable(answers) ? withinExchange(answers) : answers;
    },
  ]);
  return Object.fromEntries(bound);
}

/** The same, within the exchange that its subscriber is in. */
function withinExchange<T>(answers: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const exchange = exchangeStorage.getStore();
    return answers.subscribe({
      next: (value) => exchangeStorage.run(exchange, () => subscriber.next(value)),
      error: (error) => exchangeStorage.run(exchange, () => subscriber.error(error)),
      complete: () => exchangeStorage.run(exchange, () => subscriber.complete()),
    });
  });
}
