import { LoadGenerator } from './load/load-generator.js';
import { type Contestants, measureRoute, type RouteResult, warmUp } from './measure.js';
import type { Plan } from './command-line.js';
import { routes } from './routes.js';
import { ServerUnderTest } from './server-under-test.js';
import { startStore } from './stores.js';
import type { Platform, StoreName } from './variants.js';

/** The routes of one platform with one store. */
export interface GroupResult {
  readonly platform: Platform;
  readonly store: StoreName;
  readonly routes: readonly RouteResult[];
}

/** Compares the libraries on every platform with every store, and tells of each group as it is done. */
export async function compare(
  plan: Plan,
  onResult: (result: GroupResult) => void,
): Promise<GroupResult[]> {
  const results: GroupResult[] = [];
  const load = LoadGenerator.start();
  try {
    for (const store of plan.stores) {
      for (const platform of plan.platforms) {
        const result = await compareGroup(load, plan, platform, store);
        results.push(result);
        onResult(result);
      }
    }
  } finally {
    await load.stop();
  }
  return results;
}

async function compareGroup(
  load: LoadGenerator,
  plan: Plan,
  platform: Platform,
  name: StoreName,
): Promise<GroupResult> {
  const store = await startStore(name);
  const started: ServerUnderTest[] = [];
  try {
    const start = async (library: 'bare' | 'peer' | 'ours'): Promise<ServerUnderTest> => {
      const server = await ServerUnderTest.start({ platform, library, store: store.address });
      started.push(server);
      return server;
    };
    const contestants: Contestants = {
      bare: await start('bare'),
      peer: await start('peer'),
      ours: await start('ours'),
    };
    const results: RouteResult[] = [];
    const measured = routes.filter((each) => plan.routes.includes(each.name));
    for (const route of measured) await warmUp(load, contestants, route, plan.pace);
    for (const route of measured) {
      results.push(await measureRoute(load, contestants, store, route, plan.pace));
    }
    return { platform, store: name, routes: results };
  } finally {
    await Promise.all(started.map((server) => server.stop()));
    await store.stop();
  }
}
