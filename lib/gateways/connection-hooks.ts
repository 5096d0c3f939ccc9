import type { ModulesContainer } from '@nestjs/core';
import { isGatewayClass } from './gateway-class.js';
import type { SocketClient } from './socket-client.js';

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
      if (isNotMetatype || !isGatewayClass(metatype)) continue;
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
