import { RedisAdapter } from 'nestjs-session-bag/adapters/redis';
import type { SessionAdapter } from 'nestjs-session-bag';
import { startRedis } from '../../support/redis-server.js';
import { SessionLife } from '../../../lib/store/session-life.js';
import type { SessionStore } from '../../../lib/store/session-store.js';
import type { Curve } from './curve.js';
import { fitLine, type Point } from './fit.js';
import { storeOver } from './store-over.js';

const PARALLEL = [1, 2, 5, 10, 20, 50, 100, 200];
/** As many processes share the session: those of one process queue and never conflict. */
const PROCESSES = 2;
/** Milliseconds; two hundred wait for one another. */
const STORE_TIMEOUT = 20_000;

/** How many swaps a commit takes when so many requests change one session at once, through Redis. */
export async function parallelRequestsCurve(): Promise<Curve> {
  const server = await startRedis();
  const adapters: CountingUpdates[] = [];
  try {
    for (let process = 0; process < PROCESSES; process++) {
      const adapter = new RedisAdapter({ host: '127.0.0.1', port: server.port });
      await adapter.open();
      adapters.push(new CountingUpdates(adapter));
    }
    const stores = adapters.map((adapter) => storeOver(adapter, STORE_TIMEOUT));
    const points: Point[] = [];
    for (const parallel of PARALLEL)
      points.push([parallel, await swapsPerCommit(adapters, stores, parallel)]);
    const fit = fitLine(points);
    return {
      name: 'parallel-requests',
      x: 'parallel requests on one session',
      y: 'swaps tried by commit',
      points,
      fit,
      formula: `${fit.base.toFixed(2)} + ${fit.slope.toFixed(4)} · requests`,
      remarks: [
        `The requests belong to ${PROCESSES} stores, as in ${PROCESSES} processes; commits of one ` +
          'process queue. Every update() was kept.',
      ],
    };
  } finally {
    await Promise.all(adapters.map((adapter) => adapter.close()));
    await server.stop();
  }
}

async function swapsPerCommit(
  adapters: readonly CountingUpdates[],
  stores: readonly SessionStore[],
  parallel: number,
): Promise<number> {
  const first = new SessionLife(stores[0] as SessionStore, '');
  first.values.set({ name: 'count' }, 0);
  await first.commit();
  for (const adapter of adapters) adapter.updates = 0;
  await Promise.all(
    Array.from({ length: parallel }, async (_, index) => {
      const life = new SessionLife(stores[index % stores.length] as SessionStore, '');
      await life.open(first.id);
      await life.update({ name: 'count' }, 'count', (count) => Number(count) + 1);
    }),
  );
  const after = new SessionLife(stores[0] as SessionStore, '');
  await after.open(first.id);
  const counted = after.values.get({ name: 'count' });
  if (counted !== parallel) throw new Error(`${parallel} updates have given ${String(counted)}.`);
  return adapters.reduce((sum, { updates }) => sum + updates, 0) / parallel;
}

/** An adapter that counts the swaps which are tried. */
class CountingUpdates implements Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'> {
  updates = 0;
  readonly #adapter: RedisAdapter;

  constructor(adapter: RedisAdapter) {
    this.#adapter = adapter;
  }

  read(...args: Parameters<RedisAdapter['read']>): ReturnType<RedisAdapter['read']> {
    return this.#adapter.read(...args);
  }

  create(...args: Parameters<RedisAdapter['create']>): ReturnType<RedisAdapter['create']> {
    return this.#adapter.create(...args);
  }

  update(...args: Parameters<RedisAdapter['update']>): ReturnType<RedisAdapter['update']> {
    this.updates++;
    return this.#adapter.update(...args);
  }

  destroy(...args: Parameters<RedisAdapter['destroy']>): ReturnType<RedisAdapter['destroy']> {
    return this.#adapter.destroy(...args);
  }

  close(): Promise<void> {
    return this.#adapter.close();
  }
}
