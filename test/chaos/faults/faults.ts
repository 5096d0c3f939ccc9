import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { World } from '../world/world.js';

/** Disturbs a running world, and has put it right when it resolves; only clocks stay wrong. */
export type Fault = (world: World, random: Random) => Promise<void>;

/** Seconds by which clocks are wrong: much, but less than a session lives. */
const CLOCK_ERROR = 900;
/** Seconds: more than a session may be idle. */
const PAST_LIFETIME = 7200;
/** Bytes of answers before a connection is cut: within one answer, or after some. */
const CUT_WITHIN = 4000;

export const faults = {
  'kill application': (world, random) =>
    world.troubleApp(
      'kill application',
      anyApp(world, random),
      async (app) => {
        await app.kill();
        await delay(random.whole(0, 300));
        await app.start();
      },
      true,
    ),

  'stop application': (world, random) =>
    world.troubleApp('stop application', anyApp(world, random), async (app) => {
      app.signal('SIGSTOP');
      await delay(random.whole(100, 1.5 * world.setting.storeTimeout));
      app.signal('SIGCONT');
    }),

  'kill store': (world, random) =>
    world.troubleStore(
      'kill store',
      async () => {
        await world.store.server?.kill();
        await delay(random.whole(0, 500));
        await world.store.server?.start();
      },
      true,
    ),

  'stop store': (world, random) =>
    world.troubleStore('stop store', async () => {
      await world.store.server?.pause();
      await delay(random.whole(100, 1.5 * world.setting.storeTimeout));
      await world.store.server?.resume();
    }),

  'slow network': (world, random) =>
    world.troubleStore('slow network', async () => {
      world.store.proxy?.delay(random.whole(10, world.setting.storeTimeout / 2));
      await delay(random.whole(300, 1000));
      await world.store.proxy?.heal();
    }),

  'cut connections': (world, random) =>
    world.troubleStore('cut connections', async () => {
      for (let times = random.whole(1, 5); times > 0; times--) {
        const cut = world.store.proxy?.cut(random.whole(1, CUT_WITHIN));
        await Promise.race([cut, delay(300)]);
      }
      await world.store.proxy?.heal();
    }),

  'refused connections': (world, random) =>
    world.troubleStore('refused connections', async () => {
      await world.store.proxy?.drop();
      await delay(random.whole(50, 1000));
      await world.store.proxy?.heal();
    }),

  'stalled network': (world, random) =>
    world.troubleStore('stalled network', async () => {
      world.store.proxy?.stall(random.pick(['answers', 'both'] as const));
      await delay(random.whole(100, 1.5 * world.setting.storeTimeout));
      await world.store.proxy?.heal();
    }),

  'full disk': (world, random) =>
    world.troubleStore('full disk', async () => {
      await world.store.disk?.fill();
      await delay(random.whole(100, 800));
      await world.store.disk?.makeRoom();
    }),

  'read-only disk': (world, random) =>
    world.troubleStore('read-only disk', async () => {
      await world.store.disk?.setReadOnly(true);
      await delay(random.whole(100, 800));
      await world.store.disk?.setReadOnly(false);
    }),

  'wrong clock': async (world, random) => {
    await random.pick(world.clocks).jumpTo(random.whole(-CLOCK_ERROR, CLOCK_ERROR));
    await delay(random.whole(200, 1000));
  },

  'clocks past the lifetime': async (world, random) => {
    const over = world.journal.trouble({
      name: 'clocks past the lifetime',
      processes: [],
      mayLoseSessions: true,
    });
    await Promise.all(world.clocks.map((clock) => clock.jumpTo(PAST_LIFETIME)));
    await delay(random.whole(200, 1000));
    over();
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

function anyApp({ apps }: World, random: Random): number {
  return random.whole(0, apps.length - 1);
}
