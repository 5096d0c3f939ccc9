import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionModuleOptions } from 'nestjs-session-bag';
import { type Answer, Client } from '../support/client.js';
import type { Platform } from '../support/http-apps.js';
import { startMemcached } from '../support/memcached-server.js';
import { pollUntil } from '../support/poll.js';
import { postgresConnection, startPostgres } from '../support/postgres-server.js';
import { startRedis } from '../support/redis-server.js';
import type { ServerProcess } from '../support/server-process.js';
import { STARTING } from '../support/session-databases.js';
import { type ServedRequest, type ShopProcess, ShopProcesses } from '../support/shop-processes.js';

interface StoreServer {
  readonly name: string;
  readonly platform: Platform;
  readonly start: () => Promise<ServerProcess>;
  readonly choice: (port: number) => SessionModuleOptions;
  /** Whether what was accepted outlives the server's sudden death. */
  readonly isDurable: boolean;
}

const storeServers: readonly StoreServer[] = [
  {
    name: 'memcached',
    platform: 'express',
    start: () => startMemcached(),
    choice: (port) => ({ adapter: 'memcached', port }),
    isDurable: false,
  },
  {
    name: 'Redis',
    platform: 'fastify',
    start: () => startRedis('--appendonly', 'yes', '--appendfsync', 'always'),
    choice: (port) => ({ adapter: 'redis', port }),
    isDurable: true,
  },
  {
    name: 'PostgreSQL',
    platform: 'express',
    start: startPostgres,
    choice: (port) => ({
      adapter: 'database',
      client: 'pg',
      connection: postgresConnection(port),
    }),
    isDurable: true,
  },
];

/** Milliseconds. */
const STORE_TIMEOUT = 1000;
const HEALS_WITHIN = 10_000;
const CASE_TIMEOUT = 60_000;
/** Between two requests of a steady stream. */
const PACE = 20;

const NO_SESSION = -1;

describe('an outage of the store', () => {
  let processes: ShopProcesses;

  beforeAll(async () => {
    processes = await ShopProcesses.prepare();
  }, STARTING);
  afterAll(() => processes.close());

  describe.each(storeServers)('$name', ({ platform, start, choice, isDurable }) => {
    let server: ServerProcess;
    /** One application through all of it: it began when there was no store. */
    let shop: ShopProcess;

    beforeAll(async () => {
      server = await start();
      await server.kill();
      shop = await startShop({ failFast: false });
    }, STARTING);
    beforeEach(() => shop.forget());
    afterEach(() => server.start(), STARTING);
    afterAll(async () => {
      await shop.stop();
      await server.stop();
    });

    const startShop = (options: Pick<SessionModuleOptions, 'failFast'>): Promise<ShopProcess> =>
      processes.start({
        platform,
        options: { ...choice(server.port), ...options, storeTimeout: STORE_TIMEOUT },
      });
    /** A visitor whose session is stored. */
    const storedVisitor = async (): Promise<Client> => {
      const client = new Client(shop.url);
      await pollUntil(async () => (await client.post('/set', { begun: true })).status === 201, {
        within: HEALS_WITHIN,
        what: 'sessions are stored (again)',
      });
      return client;
    };

    it(
      'R23 R25 lets the application start without it, and heals',
      async () => {
        const client = new Client(shop.url, [['sid', 'A'.repeat(43)]]);
        const statuses = async () =>
          Promise.all([
            client.get('/visit').then(statusOf),
            new Client(shop.url).post('/set', { a: 1 }).then(statusOf),
            new Client(shop.url).get('/visit').then(statusOf),
            client.get('/plain').then(statusOf),
          ]);
        expect(await statuses()).toEqual([503, 503, 200, 200]);
        await server.start();
        await storedVisitor();
        expect(await statuses()).toEqual([200, 201, 200, 200]);
        expectInTime(shop);
      },
      CASE_TIMEOUT,
    );

    it(
      'R23 answers every request that is there when the server is killed, and loses nothing it said yes to',
      async () => {
        const visitors = await Promise.all(Array.from({ length: 20 }, () => storedVisitor()));
        const accepted = visitors.map(() => 0);
        // Each tab goes on until it is refused, so that some are under way whenever the server goes.
        const tabs = Array.from({ length: 40 }, async (_, number) => {
          const index = number % visitors.length;
          const tab = (visitors[index] ?? new Client('')).tab();
          const answers: Answer[] = [];
          do {
            answers.push(await tab.post('/count'));
            if (answers.at(-1)?.status === 201) accepted[index] = (accepted[index] ?? 0) + 1;
          } while (answers.at(-1)?.status === 201);
          return answers;
        });
        await pollUntil(() => accepted.some((count) => count > 0), {
          within: HEALS_WITHIN,
          what: 'something is accepted',
        });
        await server.kill();
        const answers = (await Promise.all(tabs)).flat();
        expect(statusesOf(answers)).toEqual([201, 503]);
        expect((await new Client(shop.url).get('/plain')).status).toBe(200);
        expectInTime(shop);

        await server.start();
        await storedVisitor();
        const counts = await Promise.all(visitors.map(countOf));
        const lost = counts.filter((count, index) => count < (accepted[index] ?? 0)).length;
        expect(lost === 0).toBe(isDurable);
      },
      CASE_TIMEOUT,
    );

    it(
      'R23 R25 answers in time while the server hangs, and goes on with the sessions afterwards',
      async () => {
        const client = await storedVisitor();
        await server.pause();
        // A steady stream: each of these sends its next request when the last one is answered.
        const answers = await Promise.all(
          Array.from({ length: 8 }, async (_, index) => {
            const first = await (index % 2 ? client.get('/visit') : client.tab().post('/count'));
            const plain = await client.get('/plain');
            const second = await client.get('/visit');
            return { refused: [first, second], plain };
          }),
        );
        expect(statusesOf(answers.flatMap(({ refused }) => refused))).toEqual([503]);
        expect(
          answers.flatMap(({ refused }) => refused).flatMap(({ setCookies }) => setCookies),
        ).toEqual([]);
        expect(statusesOf(answers.map(({ plain }) => plain))).toEqual([200]);
        await server.resume();
        await pollUntil(async () => (await client.get('/visit')).status === 200, {
          within: HEALS_WITHIN,
          what: 'sessions are read again',
        });
        expect(await countOf(client)).toBeGreaterThanOrEqual(0);
        expectInTime(shop);
        const plain = shop.served.filter(({ path }) => path === '/plain');
        expect(plain).toHaveLength(8);
        expect(tooLate(plain, STORE_TIMEOUT / 2)).toEqual([]);
      },
      CASE_TIMEOUT,
    );

    it(
      'R23 R25 goes on over a restart under traffic',
      async () => {
        const client = await storedVisitor();
        const over = new AbortController();
        const answers: Answer[] = [];
        const traffic = Array.from({ length: 4 }, async () => {
          while (!over.signal.aborted) {
            answers.push(await client.tab().get('/visit'));
            await delay(PACE);
          }
        });
        await server.restart();
        await storedVisitor();
        over.abort();
        await Promise.all(traffic);
        expect(statusesOf(answers).filter((status) => status !== 503)).toEqual([200]);
        expectInTime(shop);
        expect(await countOf(client)).toBe(isDurable ? 0 : NO_SESSION);
      },
      CASE_TIMEOUT,
    );

    it(
      'stops the boot with one sentence, and leaves nothing open',
      async () => {
        await server.kill();
        const refused = await startShop({ failFast: true });
        expect(refused.refusal).toMatch(
          /^SessionStoreUnavailableException: .*cannot be reached\. /,
        );
        expect(refused.refusal).not.toContain('\n');
        expect(await refused.ended()).toBe(1);
      },
      CASE_TIMEOUT,
    );

    it('ends with the application, without a rejection that nobody handled', async () => {
      expect(await shop.stop()).toBe(0);
      expect(shop.output).toBe('');
    });
  });

  it(
    'is no outage where the login is refused: that stops every boot, and leaves nothing open',
    async () => {
      const server = await startRedis('--requirepass', 'secret');
      const options = { adapter: 'redis', port: server.port, failFast: false } as const;
      const refused = await processes.start({ platform: 'express', options });
      expect(refused.refusal).toMatch(/^InvalidSessionOptionsException: .*password\.$/);
      expect(await refused.ended()).toBe(1);
      await server.stop();
    },
    CASE_TIMEOUT,
  );
});

/** Starting the session takes one time at most, committing two; a tenth more for the way. */
function expectInTime({ served }: ShopProcess): void {
  expect(served.length).toBeGreaterThan(0);
  const isCommit = ({ path }: ServedRequest) => ['/set', '/count'].includes(path);
  expect(tooLate(served.filter(isCommit), 3 * STORE_TIMEOUT)).toEqual([]);
  expect(
    tooLate(
      served.filter((request) => !isCommit(request)),
      STORE_TIMEOUT,
    ),
  ).toEqual([]);
}

function tooLate(served: readonly ServedRequest[], limit: number): readonly ServedRequest[] {
  return served.filter(({ took }) => took > 1.1 * limit);
}

/** Each once, in ascending order. */
function statusesOf(answers: readonly Answer[]): number[] {
  return [...new Set(answers.map(statusOf))].toSorted((a, b) => a - b);
}

function statusOf({ status }: Answer): number {
  return status;
}

/** How far the session has counted; NO_SESSION where there is none. */
async function countOf(client: Client): Promise<number> {
  const visit = (await client.get('/visit')).json() as {
    isNew: boolean;
    variables: { count?: number };
  };
  return visit.isNew ? NO_SESSION : (visit.variables.count ?? 0);
}
