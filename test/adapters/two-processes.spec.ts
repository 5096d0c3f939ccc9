import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../support/client.js';
import { STARTING } from '../support/session-databases.js';
import { type RunningStore, storeKinds } from '../support/session-stores.js';
import { type ShopProcess, ShopProcesses } from '../support/shop-processes.js';

/** What a process of its own cannot share, or cannot be given. */
const NOT_FOR_PROCESSES = ['memory', 'redis with a node-redis of the application'];

/** Milliseconds for what is asked at once; a busy machine takes its time. */
const ALL_WITHIN = 60_000;

const sharedKinds = storeKinds.filter(({ name }) => !NOT_FOR_PROCESSES.includes(name));

describe('two processes of an application', () => {
  let processes: ShopProcesses;

  beforeAll(async () => {
    processes = await ShopProcesses.prepare();
  }, STARTING);
  afterAll(() => processes.close());

  describe.each(sharedKinds)('share $name', ({ platform, start }) => {
    let store: RunningStore;
    let shops: readonly ShopProcess[];

    beforeAll(async () => {
      store = await start();
      const options = { ...store.choice, storeTimeout: 20_000 };
      shops = await Promise.all([1, 2].map(() => processes.start(platform, options)));
    }, STARTING);
    afterAll(async () => {
      await Promise.all(shops.map((shop) => shop.stop()));
      await store.stop();
    });

    /** A visitor whose session is stored, once at each of the two. */
    const visitors = async (): Promise<readonly Client[]> => {
      const visitor = new Client(shops[0]?.url ?? '');
      await visitor.post('/set', { begun: true });
      return shops.map(({ url }) => visitor.tab(url));
    };
    const variables = async ([, second = new Client('')]: readonly Client[]) =>
      ((await second.get('/visit')).json() as { variables: object }).variables;

    it(
      'R11 and lose none of a hundred updates that each of them makes',
      async () => {
        const at = await visitors();
        const answers = await Promise.all(
          at.flatMap((client) => times(100, () => client.post('/count'))),
        );
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
        expect(await variables(at)).toEqual({ begun: true, count: 200 });
        const counts = answers.map((answer) => (answer.json() as { count: number }).count);
        expect(new Set(counts).size).toBe(200);
      },
      ALL_WITHIN,
    );

    it(
      'R11 and keep all of the variables that both set',
      async () => {
        const at = await visitors();
        const names = at.map((_, shop) => times(25, (number) => `v${shop}_${number}`));
        await Promise.all(
          at.flatMap((client, shop) =>
            (names[shop] ?? []).map((name) => client.post('/set', { [name]: name })),
          ),
        );
        const expected = Object.fromEntries(names.flat().map((name) => [name, name]));
        expect(await variables(at)).toEqual({ begun: true, ...expected });
      },
      ALL_WITHIN,
    );
  });
});

function times<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}
