import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledPrograms } from '../support/compiled-programs.js';
import { pollUntil } from '../support/poll.js';
import { type FaultName, faults } from './faults/faults.js';
import type { Breakage } from './app/messages.js';
import { Journal } from './journal/journal.js';
import { type Rule, type Violation, violation } from './journal/violation.js';
import { Random } from './random.js';
import type { Scenario } from './scenarios.js';
import { Tally } from './tally.js';
import { HttpClient } from './users/http-client.js';
import { type Habits, HABITS } from './users/habits.js';
import { ownerOf, User } from './users/user.js';
import { World } from './world/world.js';

/** How long and how hard. */
export interface RunOptions {
  readonly seed: number;
  /** At least: each fault is there once. */
  readonly seconds: number;
  readonly users: number;
  /** Milliseconds that a busy machine may add to every answer. */
  readonly slack: number;
  /** Milliseconds for a call of the store. @default 1000 */
  readonly storeTimeout?: number;
  readonly habits?: Habits;
  /** A fault that the checker is to find by this rule: the run ends as soon as it has. */
  readonly broken?: { readonly by: Breakage; readonly rule: Rule };
}

/** What a run has shown. */
export interface RunReport {
  readonly tally: Tally;
  readonly sessions: number;
  /** How often each of them was done to the world. */
  readonly faults: ReadonlyMap<FaultName, number>;
  readonly violations: readonly Violation[];
}

/** An answer waits once for the session, and twice that for its changes. */
const STORE_TIMEOUTS = 3;
/** Milliseconds beyond the bound after which no answer is awaited any more. */
const PATIENCE = 2000;
const RECOVERS_WITHIN = 15_000;
/** Milliseconds between two faults. */
const CALM = { least: 200, most: 1200 };

/** Lets users drive an application while its world is disturbed, and checks all that they were told. */
export async function runScenario(
  programs: CompiledPrograms,
  scenario: Scenario,
  options: RunOptions,
): Promise<RunReport> {
  const { storeTimeout = 1000, slack, broken } = options;
  const bound = STORE_TIMEOUTS * storeTimeout + slack;
  const tally = new Tally();
  const { renewAfter } = scenario;
  const rules = { bound, recovery: bound, renewAfter };
  const journal = new Journal(rules, (step) => tally.count(step));
  const setting = { ...scenario, storeTimeout, broken: broken?.by };
  const world = await World.start(programs, setting, journal);
  let done: ReadonlyMap<FaultName, number> = new Map();
  const clients = world.apps.map(({ port }) => new HttpClient(port, bound + PATIENCE));
  try {
    const random = new Random(options.seed);
    const users = makeUsers(clients, journal, random, options);
    done = await liveThrough(world, users, random.of('faults'), scenario, options);
    journal.add(await lookAround(users));
  } finally {
    for (const client of clients) client.close();
    await world.stop();
  }
  journal.closeAll();
  return {
    tally,
    sessions: journal.stories,
    faults: done,
    violations: journal.violations,
  };
}

function makeUsers(
  clients: readonly HttpClient[],
  journal: Journal,
  random: Random,
  { users, habits = HABITS }: RunOptions,
): User[] {
  return Array.from({ length: users }, (_, index) => {
    const name = `user${index + 1}`;
    const identity = { name, owner: ownerOf(index) };
    return new User(identity, clients, journal, random.of(name), habits);
  });
}

/**
 * Users and faults at once, until the time is over and each fault has been there or, where one is to
 * be found, until it is.
 */
async function liveThrough(
  world: World,
  users: readonly User[],
  random: Random,
  scenario: Scenario,
  { seconds, broken }: RunOptions,
): Promise<Map<FaultName, number>> {
  const done = new Map<FaultName, number>();
  const over = new AbortController();
  const lives = users.map((user) => user.live(over.signal));
  const end = performance.now() + seconds * 1000;
  const isOver = (): boolean => {
    if (broken !== undefined && hasShown(broken.rule)) return true;
    return performance.now() >= end && done.size === scenario.faults.length;
  };
  const hasShown = (rule: Rule): boolean => {
    const { journal } = world;
    return [...journal.violations, ...journal.look()].some((found) => found.rule === rule);
  };
  let coming: FaultName[] = [];
  try {
    while (!isOver()) {
      await delay(random.whole(CALM.least, CALM.most));
      if (coming.length === 0) coming = random.shuffled(scenario.faults);
      const fault = isOver() ? undefined : coming.pop();
      if (fault === undefined) continue;
      done.set(fault, (done.get(fault) ?? 0) + 1);
      await faults[fault](world, random);
    }
  } finally {
    over.abort();
    await Promise.all(lives);
  }
  return done;
}

/** After all faults every user is answered at every process, without a restart. */
async function lookAround(users: readonly User[]): Promise<Violation[]> {
  const results = await Promise.all(
    users.map(async (user) => {
      try {
        await pollUntil(
          async () => (await user.lookAround()).every(({ outcome }) => outcome === 'done'),
          { within: RECOVERS_WITHIN, what: 'every process answers' },
        );
        return [];
      } catch (error) {
        return [violation('the application does not recover', String(error))];
      }
    }),
  );
  return results.flat();
}
