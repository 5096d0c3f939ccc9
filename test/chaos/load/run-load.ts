import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledPrograms } from '../../support/compiled-programs.js';
import type { Platform } from '../../support/http-apps.js';
import type { Ending } from '../app/app-process.js';
import { Journal } from '../journal/journal.js';
import { type Violation, violation } from '../journal/violation.js';
import { Random } from '../random.js';
import { Tally } from '../tally.js';
import { HttpClient } from '../users/http-client.js';
import { HABITS } from '../users/habits.js';
import { ownerOf, User } from '../users/user.js';
import { lostWith, type StoreName } from '../world/stores.js';
import { World } from '../world/world.js';
import { HoldingsOverTime } from './holdings-over-time.js';

export interface LoadOptions {
  readonly store: StoreName;
  readonly platform: Platform;
  readonly seed: number;
  /** The run ends when both are reached. */
  readonly seconds: number;
  readonly requests: number;
  readonly users: number;
  /** Milliseconds that a busy machine may add to every answer. */
  readonly slack: number;
}

export interface LoadReport {
  readonly tally: Tally;
  readonly sessions: number;
  /** Of users, before the application was asked to end. */
  readonly requestsPerSecond: number;
  readonly holdings: HoldingsOverTime;
  /** How it ended when it was asked to in the middle of all that. */
  readonly ending: Ending;
  readonly violations: readonly Violation[];
}

const STORE_TIMEOUT = 2000;
const STORE_TIMEOUTS = 3;
/** Milliseconds within which an application ends that is asked to: what orchestrators wait for. */
const GRACE = 10_000;
const SAMPLES = 40;
/** Milliseconds between two samples, at least. */
const SAMPLED_EVERY = 500;
/** Milliseconds in which users meet an application that is ending. */
const ENDING = 50;

/** As much as one process and its users can do, and then SIGTERM in the middle of it. */
export async function runLoad(
  programs: CompiledPrograms,
  options: LoadOptions,
): Promise<LoadReport> {
  const { store, platform, slack, seed } = options;
  const bound = STORE_TIMEOUTS * STORE_TIMEOUT + slack;
  const tally = new Tally();
  const journal = new Journal({ bound, recovery: bound }, (step) => tally.count(step));
  const setting = { store, platform, processes: 1, storeTimeout: STORE_TIMEOUT, isDirect: true };
  const world = await World.start(programs, setting, journal);
  const clients = world.apps.map(({ port }) => new HttpClient(port, bound));
  const over = new AbortController();
  try {
    const random = new Random(seed);
    const users = Array.from({ length: options.users }, (_, index) => {
      const name = `user${index + 1}`;
      const habits = { ...HABITS, tabs: 2, pause: 0 };
      const identity = { name, owner: ownerOf(index) };
      return new User(identity, clients, journal, random.of(name), habits);
    });
    const lives = users.map((user) => user.live(over.signal));
    const begun = performance.now();
    const holdings = await watch(world, tally, options);
    const requestsPerSecond = (1000 * tally.requests) / (performance.now() - begun);

    const ending = await endInTheMiddle(world);
    over.abort();
    await Promise.all(lives);
    await world.apps[0]?.start();
    journal.add(await lookAround(users));
    journal.closeAll();
    journal.add(checkEnding(ending));
    const { violations, stories: sessions } = journal;
    return { tally, sessions, requestsPerSecond, holdings, ending, violations };
  } finally {
    over.abort();
    for (const client of clients) client.close();
    await world.stop();
  }
}

async function watch(
  { apps: [app] }: World,
  tally: Tally,
  { seconds, requests }: LoadOptions,
): Promise<HoldingsOverTime> {
  const holdings = new HoldingsOverTime();
  const end = performance.now() + seconds * 1000;
  const pause = Math.max(SAMPLED_EVERY, (seconds * 1000) / SAMPLES);
  while (performance.now() < end || tally.requests < requests) {
    await delay(pause);
    if (app) await holdings.sample(app);
  }
  return holdings;
}

async function endInTheMiddle({ apps: [app], journal, setting }: World): Promise<Ending> {
  if (app === undefined) throw new Error('There is no application.');
  const mayLoseSessions = lostWith(setting.store) === 'process';
  const over = journal.trouble({ name: 'SIGTERM', processes: [0], mayLoseSessions });
  const ending = await app.terminate(2 * GRACE);
  await delay(ENDING);
  over();
  return ending;
}

function checkEnding({ code, signal, took, unanswered }: Ending): Violation[] {
  if (code === 0 && took <= GRACE && unanswered === 0) return [];
  const text =
    `asked to end, it ended with ${code ?? signal} after ${Math.round(took)} ms and left ` +
    `${unanswered ?? 'an unknown number of'} requests unanswered.`;
  return [violation('an answer is late or missing', text)];
}

async function lookAround(users: readonly User[]): Promise<Violation[]> {
  const steps = (await Promise.all(users.map((user) => user.lookAround()))).flat();
  return steps
    .filter(({ outcome }) => outcome !== 'done')
    .map((step) => violation('the application does not recover', 'started again.', step));
}
