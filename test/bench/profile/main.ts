// What our share of a request consists of, see docs/performance.md: profiles of the routes of the
// goals on Fastify with the memory store, where nothing else is near.
import { LoadGenerator } from '../load/load-generator.js';
import { runSlice } from '../measure.js';
import { median } from '../statistics.js';
import { asMarkdown, asText, type Table } from '../report/tables.js';
import { replaceMarked } from '../report/write-results.js';
import { describeMachine } from '../results.js';
import { type Route, routes } from '../routes.js';
import { ServerUnderTest } from '../server-under-test.js';
import { startStore } from '../stores.js';
import type { Library } from '../variants.js';
import { attribute } from './attribute.js';
import { pieces, PLATFORM } from './pieces.js';

const ROUTES = ['untouched', 'read', 'write'];
const CONNECTIONS = 8;
const WARM_UP = 15_000;
const ROUNDS = 11;
/** Milliseconds. */
const SLICE = 200;
const PROFILED = 4000;

/** Microseconds a request of each piece. */
type Costs = ReadonlyMap<string, number>;

const store = await startStore('memory');
const load = LoadGenerator.start();
const [bare, ours] = await Promise.all([start('bare'), start('ours')]);
try {
  const columns: Costs[] = [];
  for (const route of routes.filter(({ name }) => ROUTES.includes(name))) {
    columns.push(await costsOf(route));
  }
  const names = [...pieces, 'garbage, caches and waking up', PLATFORM, 'all'];
  const table: Table = [
    ['µs a request', ...ROUTES],
    ...names.map((name) => [name, ...columns.map((costs) => (costs.get(name) ?? 0).toFixed(1))]),
  ];
  process.stdout.write(`${describeMachine()}\n${asText(table)}\n`);
  await replaceMarked(
    'docs/performance.md',
    'pieces: written by npm run bench:profile',
    asMarkdown(table),
  );
} finally {
  await Promise.all([bare.stop(), ours.stop(), load.stop()]);
  await store.stop();
}

function start(library: Library): Promise<ServerUnderTest> {
  return ServerUnderTest.start({ platform: 'fastify', library, store: store.address });
}

/** A profile slows down what it looks at: it gives the shares, the clock without it the whole. */
async function costsOf(route: Route): Promise<Costs> {
  const cpu = new Map<ServerUnderTest, number[]>([
    [bare, []],
    [ours, []],
  ]);
  for (const server of cpu.keys()) {
    const { port } = server;
    const hasSeed = server === ours;
    await load.prepare({ port, route, connections: CONNECTIONS, hasSeed });
    await load.run({ port, route, count: WARM_UP });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [server, found] of cpu) found.push((await runSlice(load, server, route, SLICE)).cpu);
  }
  const whole = median(cpu.get(ours) ?? []);
  const shares = attribute(
    await ours.profile(() =>
      load.run({ port: ours.port, route, milliseconds: PROFILED, isAwake: true }),
    ),
  );
  const costs = new Map<string, number>([['all', whole]]);
  for (const [owner, share] of shares) costs.set(owner, share * whole);
  const platform = median(cpu.get(bare) ?? []);
  costs.set('garbage, caches and waking up', (costs.get(PLATFORM) ?? 0) - platform);
  costs.set(PLATFORM, platform);
  return costs;
}
