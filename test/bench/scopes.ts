import { LoadGenerator } from './load/load-generator.js';
import { type Pace, runSlice } from './measure.js';
import type { Route } from './routes.js';
import { ServerUnderTest } from './server-under-test.js';
import { median } from './statistics.js';
import { startStore } from './stores.js';
import type { Platform } from './variants.js';

/** The same session by two ways into a handler. */
export interface ScopeResult {
  readonly platform: Platform;
  readonly route: 'read' | 'write';
  /** Microseconds a request, in a controller that stays a singleton. */
  readonly sessionBag: number;
  /** Microseconds a request, in a controller that is made for every request. */
  readonly sessionService: number;
}

/** Compares `@SessionBag` with an injected, and so request-scoped, SessionService. */
export async function compareScopes(platform: Platform, pace: Pace): Promise<ScopeResult[]> {
  const store = await startStore('memory');
  const load = LoadGenerator.start();
  const server = await ServerUnderTest.start({ platform, library: 'ours', store: store.address });
  try {
    const results: ScopeResult[] = [];
    for (const route of ['read', 'write'] as const) {
      const bag = routeAt(`/${route}`, route);
      const service = routeAt(`/scoped/${route}`, route);
      const costs = new Map<Route, number[]>([
        [bag, []],
        [service, []],
      ]);
      for (const way of costs.keys()) {
        const { port } = server;
        await load.prepare({ port, route: way, connections: pace.connections, hasSeed: true });
        await load.run({ port, route: way, count: pace.warmUp });
      }
      for (let round = 0; round < pace.rounds; round++) {
        for (const [way, found] of costs) {
          found.push((await runSlice(load, server, way, pace.slice)).cpu);
        }
      }
      results.push({
        platform,
        route,
        sessionBag: median(costs.get(bag) ?? []),
        sessionService: median(costs.get(service) ?? []),
      });
    }
    return results;
  } finally {
    await load.stop();
    await server.stop();
    await store.stop();
  }
}

function routeAt(path: string, kind: 'read' | 'write'): Route {
  const method = kind === 'read' ? 'GET' : 'POST';
  return { name: path, method, path, seed: '/seed/user' };
}
