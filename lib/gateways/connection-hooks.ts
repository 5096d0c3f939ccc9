import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';
import type { SocketClient } from './socket-client.js';

/** What the decorator of gateways notes on their classes. */
const IS_GATEWAY = 'websockets:is_gateway';
const HOOKS = ['handleConnection', 'handleDisconnect'] as const;

type Hook = (client: SocketClient, ...others: unknown[]) => unknown;
type Gateway = Partial<Record<(typeof HOOKS)[number], Hook>>;

/** Runs the hook of that name for a client. */
export type HookRunner = (client: SocketClient, name: string, hook: () => unknown) => unknown;

/**
 * Has gateways' hooks run by `run`. Nest, which takes the hooks from the instances once it has a socket
 * adapter, tells nobody when they are over.
 */
export function wrapConnectionHooks(modules: ModulesContainer, run: HookRunner): void {
  for (const module of modules.values()) {
    for (const { metatype, instance, isNotMetatype } of module.providers.values()) {
      if (isNotMetatype || !metatype || !Reflect.hasMetadata(IS_GATEWAY, metatype)) continue;
      for (const name of HOOKS) wrapHook(instance as Gateway, name, run);
    }
  }
}

function wrapHook(gateway: Gateway, name: (typeof HOOKS)[number], run: HookRunner): void {
  const hook = gateway[name];
  if (typeof hook !== 'function') return;
  const wrapped: Hook = (client, ...others) => {
    return run(client, name, () => Reflect.apply(hook, gateway, [client, ...others]));
  };
  Object.defineProperty(gateway, name, { value: wrapped, configurable: true, writable: true });
}
