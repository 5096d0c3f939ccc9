import type { LoadGenerator } from './load/load-generator.js';
import type { Route } from './routes.js';
import type { ServerUnderTest } from './server-under-test.js';
import { mean, median, percentile } from './statistics.js';
import type { RunningStore } from './stores.js';
import type { Library } from './variants.js';

/** How long and how often is measured. */
export interface Pace {
  readonly connections: number;
  readonly rounds: number;
  /** Milliseconds of one variant in one round. */
  readonly slice: number;
  /** Requests to each route of each variant before any counts: by then its code is compiled. */
  readonly warmUp: number;
}

/** What a request to one variant costs. */
export interface Cost {
  /** The server's processor time in microseconds, the median of the rounds. */
  readonly cpu: number;
  /** Requests a second, answered to a load that waits for each answer on each connection. */
  readonly rate: number;
  /** Milliseconds that 99 of 100 requests stay below. */
  readonly p99: number;
  /** Commands that the store has got for a request; undefined where no server counts them. */
  readonly commands?: number | undefined;
}

export interface RouteResult {
  readonly route: string;
  readonly costs: Readonly<Record<Library, Cost>>;
  /** The medians of what each round added to the bare application, in microseconds. */
  readonly added: { readonly peer: number; readonly ours: number };
  /** Our added cost by the peer's. */
  readonly ratio: number;
}

export type Contestants = Readonly<Record<Library, ServerUnderTest>>;

const LIBRARIES: readonly Library[] = ['bare', 'peer', 'ours'];
const COUNTED_REQUESTS = 50;

/** Has a route's visitors come, and come often. */
export async function warmUp(
  load: LoadGenerator,
  contestants: Contestants,
  route: Route,
  { connections, warmUp: count }: Pace,
): Promise<void> {
  for (const library of LIBRARIES) {
    const { port } = contestants[library];
    await load.prepare({ port, route, connections, hasSeed: library !== 'bare' });
    await load.run({ port, route, count });
  }
}

/**
 * Measures one route, after its warm-up, with the three libraries by turns: what disturbs the machine
 * disturbs all.
 */
export async function measureRoute(
  load: LoadGenerator,
  contestants: Contestants,
  store: RunningStore,
  route: Route,
  pace: Pace,
): Promise<RouteResult> {
  const commands = new Map<Library, number | undefined>();
  for (const library of LIBRARIES) {
    const { port } = contestants[library];
    commands.set(library, await countCommands(load, port, store, route));
  }
  const rounds: Readonly<Record<Library, RoundCost>>[] = [];
  for (let round = 0; round < pace.rounds; round++) {
    rounds.push(await runRound(load, contestants, route, pace.slice, round));
  }
  return summarize(route, rounds, commands);
}

interface RoundCost {
  readonly cpu: number;
  readonly rate: number;
  readonly latencies: readonly number[];
}

async function runRound(
  load: LoadGenerator,
  contestants: Contestants,
  route: Route,
  milliseconds: number,
  round: number,
): Promise<Readonly<Record<Library, RoundCost>>> {
  const costs: Partial<Record<Library, RoundCost>> = {};
  for (let turn = 0; turn < LIBRARIES.length; turn++) {
    // Each comes first, second and third equally often.
    const library = LIBRARIES[(round + turn) % LIBRARIES.length] as Library;
    costs[library] = await runSlice(load, contestants[library], route, milliseconds);
  }
  return costs as Record<Library, RoundCost>;
}

export async function runSlice(
  load: LoadGenerator,
  server: ServerUnderTest,
  route: Route,
  milliseconds: number,
): Promise<RoundCost> {
  const before = await server.usage();
  const result = await load.run({ port: server.port, route, milliseconds, isAwake: true });
  const after = await server.usage();
  if (result.failures > 0) {
    throw new Error(`${result.failures} requests to ${route.path} were not answered with 200.`);
  }
  return {
    cpu: (after.cpu - before.cpu) / result.count,
    rate: result.count / (result.milliseconds / 1000),
    latencies: result.latencies,
  };
}

/** The visitors come one after the other, each as often as it takes. */
async function countCommands(
  load: LoadGenerator,
  port: number,
  store: RunningStore,
  route: Route,
): Promise<number | undefined> {
  const before = await store.commands();
  if (before === undefined) return undefined;
  await load.run({ port, route, count: COUNTED_REQUESTS });
  const after = (await store.commands()) ?? Number.NaN;
  return (after - before) / COUNTED_REQUESTS;
}

function summarize(
  route: Route,
  rounds: readonly Readonly<Record<Library, RoundCost>>[],
  commands: ReadonlyMap<Library, number | undefined>,
): RouteResult {
  const costOf = (library: Library): Cost => ({
    cpu: median(rounds.map((round) => round[library].cpu)),
    rate: mean(rounds.map((round) => round[library].rate)),
    p99: percentile(
      rounds.flatMap((round) => round[library].latencies),
      0.99,
    ),
    commands: commands.get(library),
  });
  const added = rounds.map(({ bare, peer, ours }) => ({
    peer: peer.cpu - bare.cpu,
    ours: ours.cpu - bare.cpu,
  }));
  const peer = median(added.map((each) => each.peer));
  const ours = median(added.map((each) => each.ours));
  return {
    route: route.name,
    costs: { bare: costOf('bare'), peer: costOf('peer'), ours: costOf('ours') },
    added: { peer, ours },
    ratio: ours / peer,
  };
}
