import { LoadGenerator } from './load/load-generator.js';
import { routes } from './routes.js';
import { ServerUnderTest } from './server-under-test.js';
import { startStore } from './stores.js';
import type { Library, Platform } from './variants.js';

/** What sessions in the memory of the server take. */
export interface MemoryResult {
  readonly platform: Platform;
  readonly library: Library;
  /** Bytes of the process for 10,000 sessions. */
  readonly resident: number;
  /** Bytes of JavaScript objects for 10,000 sessions, garbage collected. */
  readonly heap: number;
}

const SESSIONS = 10_000;
/** Before it counts: code and buffers that come with the first requests are no sessions. */
const WARM_UP = 2_000;

/** Lets visitors come and write, and looks how the server grows. */
export async function measureMemory(
  platform: Platform,
  library: 'peer' | 'ours',
): Promise<MemoryResult> {
  const store = await startStore('memory');
  const load = LoadGenerator.start();
  const server = await ServerUnderTest.start({ platform, library, store: store.address });
  try {
    const route = routes.find(({ name }) => name === 'new visitor writes');
    if (!route) throw new Error('There is no route for new visitors who write.');
    const { port } = server;
    await load.prepare({ port, route, connections: 8, hasSeed: false });
    await load.run({ port, route, count: WARM_UP });
    const before = await server.settledUsage();
    await load.run({ port, route, count: SESSIONS });
    const after = await server.settledUsage();
    return {
      platform,
      library,
      resident: after.rss - before.rss,
      heap: after.heapUsed - before.heapUsed,
    };
  } finally {
    await load.stop();
    await server.stop();
    await store.stop();
  }
}
