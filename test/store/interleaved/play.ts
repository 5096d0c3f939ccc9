import { jest } from '@jest/globals';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { MemoryAdapter } from '../../../lib/adapters/memory.adapter.js';
import { SessionException } from '../../../lib/exceptions/session.exceptions.js';
import { SessionStore, type SessionStoreOptions } from '../../../lib/store/session-store.js';
import { Random } from '../../chaos/random.js';
import { DEFAULTS, processOf, type SessionProcess } from '../../security/session-process.js';
import { OWNERS, revokeAll } from './acts.js';
import { Browser } from './browser.js';
import { judge } from './judge.js';
import type { Story } from './story.js';
import { type Surroundings, Visit } from './visit.js';
import { WaitingCalls } from './waiting-calls.js';

/** What a play is about. */
export interface Plot {
  /** For all processes, or for each. */
  readonly options?: readonly Partial<SessionStoreOptions>[];
  /** Which part of the calls fails in each of three ways. */
  readonly faultRate?: number;
  /** Which part of what begins is the end of a process. */
  readonly deathRate?: number;
}

const STEPS = 25;
const AT_ONCE = 5;
/** Milliseconds by which the clock goes on now and then. */
const LEAPS = [1000, 5000, 20_000, 45_000, 61_000];

type Adapter = ReturnType<WaitingCalls['adapter']>;

/** Three processes on one store, and three browsers. */
export class Play {
  readonly faults: string[] = [];
  readonly calls: WaitingCalls;
  readonly memory = new MemoryAdapter();
  readonly stories = new Map<string, Story>();
  readonly browsers: readonly Browser[];
  readonly random: Random;
  readonly #processes: SessionProcess[];
  readonly #adapters = new Map<SessionProcess, Adapter>();
  readonly #running = new Set<Visit>();
  #clock = Date.now();
  #step = 0;

  constructor(
    seed: number,
    readonly plot: Plot,
  ) {
    this.random = new Random(seed);
    this.calls = new WaitingCalls(this.memory, this.random, plot.faultRate ?? 0);
    this.#processes = [0, 1, 2].map((index) => this.#start(index));
    this.browsers = ['A', 'B', 'C'].map((name) => new Browser(name, this.#around));
    jest.spyOn(Date, 'now').mockImplementation(() => this.#clock);
  }

  /** Any call of those that wait is carried out, or something new begins. */
  async run(): Promise<void> {
    for (let begun = 0; begun < STEPS || this.#running.size > 0; this.#step++) {
      await settled();
      const mayBegin = begun < STEPS && this.#running.size < AT_ONCE;
      if (mayBegin && (this.calls.areNone || this.random.next() < 0.25)) {
        begun++;
        this.#begin();
      } else await this.#goOn();
    }
    this.calls.faultRate = 0;
    await this.finished(Promise.all(this.#processes.map(({ store }) => store.stop())));
    await judge(this);
  }

  /** Whether calls fail, or processes die. */
  get hasFaults(): boolean {
    const { faultRate = 0, deathRate = 0 } = this.plot;
    return faultRate + deathRate > 0;
  }

  /** How many an owner may have. */
  get mostSessions(): number {
    return this.#optionsOf(0).maxSessionsPerOwner ?? Number.POSITIVE_INFINITY;
  }

  /** A process that has just been started, for a look at the end. */
  startOnlooker(): SessionProcess {
    return this.#start(0);
  }

  async finished<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    void Promise.allSettled([work]).then(() => over.abort());
    while (!over.signal.aborted) {
      await settled();
      await this.#goOn();
    }
    return work;
  }

  get #around(): Surroundings {
    const { random, stories, faults } = this;
    const areEvicted = this.mostSessions < Number.POSITIVE_INFINITY;
    return { random, stories, faults, areEvicted, now: () => this.#step };
  }

  #optionsOf(index: number): SessionStoreOptions {
    const { options = [{}] } = this.plot;
    return { ...DEFAULTS, ...options[index % options.length] };
  }

  #start(index: number): SessionProcess {
    const adapter = this.calls.adapter();
    const process = processOf(new SessionStore(adapter, this.#optionsOf(index)));
    this.#adapters.set(process, adapter);
    return process;
  }

  async #goOn(): Promise<void> {
    if (this.calls.areNone) await delay(1);
    else this.calls.carryOutAny();
  }

  #begin(): void {
    const { random } = this;
    if (random.next() < 0.25) this.#clock += random.pick(LEAPS);
    const chance = random.next();
    const process = random.pick(this.#processes);
    const { deathRate = 0 } = this.plot;
    if (chance < deathRate) return this.#kill(process);
    if (chance > 0.16) {
      const browser = random.pick(this.browsers);
      const visit = browser.visit(process);
      return void this.#run(visit, browser.request(visit));
    }
    const visit = new Visit('somebody', process, undefined, this.#around);
    const work = random.pick([
      () => revokeAll(visit, random.pick(OWNERS)),
      () => this.#revokeOne(visit),
      () => this.#intrude(visit),
    ]);
    void this.#run(visit, work());
  }

  async #run(visit: Visit, work: Promise<void>): Promise<void> {
    this.#running.add(visit);
    await work.catch((error: unknown) => {
      if (!(error instanceof SessionException)) this.faults.push(String(error));
    });
    this.#running.delete(visit);
  }

  /** The process is gone from one moment to the next, and another one is started. */
  #kill(process: SessionProcess): void {
    for (const visit of this.#running) {
      if (visit.process !== process) continue;
      visit.abandon('the death of a process');
      this.#running.delete(visit);
    }
    const adapter = this.#adapters.get(process);
    if (adapter) adapter.isCut = true;
    const index = this.#processes.indexOf(process);
    this.#processes[index] = this.#start(index);
  }

  /** Ends one session that is listed. */
  async #revokeOne(visit: Visit): Promise<void> {
    const owner = this.random.pick(OWNERS);
    const { owned } = visit.process.store;
    const listed = await owned.list(owner);
    if (listed.length === 0) return;
    const { entry, snapshot } = this.random.pick(listed);
    const story = this.stories.get(snapshot.record.variables.get('story') as string);
    if (story === undefined) return void this.faults.push('a session of nobody is listed');
    story.mayHaveEnded ??= 'revoke()';
    const isSettled = story.isSettledOf(owner, visit.from);
    if (!(await owned.revoke(owner, entry.key))) return;
    if (!isSettled || !story.isSettledOf(owner, visit.from)) return;
    story.end ??= { by: 'revoke()', at: this.#step };
  }

  /** Comes with any id that a browser was ever told. */
  async #intrude(visit: Visit): Promise<void> {
    const told = [...this.stories.values()].flatMap((story) =>
      [...story.ids.keys()].map((id) => ({ story, id })),
    );
    if (told.length === 0) return;
    const { story, id } = this.random.pick(told);
    const found = await visit.process.store.peek(id);
    if (!found) return;
    const name = found.snapshot.record.variables.get('story');
    this.faults.push(...story.faultsOf(id, name, visit.from));
  }
}

/** Whatever goes on without the store has come to an end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}
