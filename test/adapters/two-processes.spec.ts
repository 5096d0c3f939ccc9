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
  let stores: readonly RunningStore[];
  let processes: ShopProcesses;
  /** Each with an application for each store. */
  let two: readonly ShopProcess[];

  beforeAll(async () => {
    stores = await Promise.all(sharedKinds.map(({ start }) => start()));
    const shops = stores.map(({ choice }, kind) => ({
      platform: sharedKinds[kind]?.platform ?? 'express',
      options: { ...choice, storeTimeout: 20_000 },
    }));
    processes = await ShopProcesses.prepare();
    two = await Promise.all([1, 2].map(() => processes.start(...shops)));
  }, STARTING);
  afterAll(async () => {
    await processes.close();
    await Promise.all(stores.map((store) => store.stop()));
  });

  describe.each(sharedKinds)('share $name', (kind) => {
    /** A visitor whose session is stored, once at each of the two. */
    const visitors = async (): Promise<readonly Client[]> => {
      const [first = '', second = ''] = two.map(({ urls }) => urls[sharedKinds.indexOf(kind)]);
      const visitor = new Client(first);
      await visitor.post('/set', { begun: true });
      return [visitor.tab(first), visitor.tab(second)];
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
