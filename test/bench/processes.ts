import { LoadGenerator } from './load/load-generator.js';
import type { Pace } from './measure.js';
import { type Route, routes } from './routes.js';
import { ServerUnderTest } from './server-under-test.js';
import { mean } from './statistics.js';
import { startStore } from './stores.js';

/** How an application with Redis does in one process, and in two that share the store. */
export interface ProcessesResult {
  readonly route: string;
  readonly processes: number;
  /** Requests a second, all processes together. */
  readonly rate: number;
  /** Microseconds a request. */
  readonly cpu: number;
}

const COUNTS = [1, 2];
/** Milliseconds; one slice of each, since processes can only be compared with all of them at work. */
const SLICE = 1000;

export async function compareProcesses(pace: Pace): Promise<ProcessesResult[]> {
  const store = await startStore('redis');
  const servers: ServerUnderTest[] = [];
  const loads: LoadGenerator[] = [];
  const results: ProcessesResult[] = [];
  try {
    for (const processes of COUNTS) {
      servers.push(
        await ServerUnderTest.start({
          platform: 'express',
          library: 'ours',
          store: store.address,
        }),
      );
      loads.push(LoadGenerator.start());
      for (const route of routes.filter(({ name }) => name === 'read' || name === 'write')) {
        results.push(await measureAll(servers, loads, route, { pace, processes }));
      }
    }
    return results;
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    await Promise.all(servers.map((server) => server.stop()));
    await store.stop();
  }
}

async function measureAll(
  servers: readonly ServerUnderTest[],
  loads: readonly LoadGenerator[],
  route: Route,
  { pace, processes }: { readonly pace: Pace; readonly processes: number },
): Promise<ProcessesResult> {
  const pairs = servers.flatMap((server, index) => {
    const load = loads[index];
    return load ? [{ server, load }] : [];
  });
  await Promise.all(
    pairs.map(async ({ server: { port }, load }) => {
      await load.prepare({ port, route, connections: pace.connections, hasSeed: true });
      await load.run({ port, route, count: pace.warmUp });
    }),
  );
  const slices = await Promise.all(
    pairs.map(async ({ server, load }) => {
      const before = await server.usage();
      const result = await load.run({ port: server.port, route, milliseconds: SLICE });
      const cpu = ((await server.usage()).cpu - before.cpu) / result.count;
      return { cpu, rate: result.count / (result.milliseconds / 1000) };
    }),
  );
  return {
    route: route.name,
    processes,
    rate: slices.reduce((sum, { rate }) => sum + rate, 0),
    cpu: mean(slices.map(({ cpu }) => cpu)),
  };
}
