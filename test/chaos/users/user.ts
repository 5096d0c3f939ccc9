import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from '../journal/journal.js';
import { type Action, foundNothing, type Step } from '../journal/step.js';
import type { Random } from '../random.js';
import { ask } from './ask.js';
import { askStream, stepsOf, type Stream } from './ask-stream.js';
import type { Act, Habits } from './habits.js';
import type { HttpClient } from './http-client.js';

/** Few, so that tabs meet. */
const ARTICLES = ['apple', 'pear', 'plum'];
/** Sessions that are over, and are still haunted. */
const HAUNTED = 4;
/** Milliseconds to wait after a request that did not arrive. */
const BREATH = 50;

/** Milliseconds at most that a stream takes. */
const LONGEST_STREAM = 200;

/** Who acts, and as whose. */
export interface Identity {
  readonly name: string;
  /** Who logs in: several users may be one owner, as one who has several browsers. */
  readonly owner: string;
}

/** The owner of the user of that number: two have one. */
export function ownerOf(index: number): string {
  return `owner${Math.floor(index / 2) + 1}`;
}

/** One who has a browser with several tabs and one cookie. */
export class User {
  readonly #name: string;
  readonly #owner: string;
  readonly #clients: readonly HttpClient[];
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #habits: Habits;
  #id: string | undefined;
  #beginning: Promise<void> | undefined;
  #tokens = 0;
  /** Wishes of this session that may be taken back. */
  #wishes: string[] = [];
  /** Ids that have ended, of the sessions that are still watched. */
  #ended: string[] = [];
  /** Sessions of this user, the latest last. */
  readonly #sessions: string[] = [];

  constructor(
    { name, owner }: Identity,
    clients: readonly HttpClient[],
    journal: Journal,
    random: Random,
    habits: Habits,
  ) {
    this.#name = name;
    this.#owner = owner;
    this.#clients = clients;
    this.#journal = journal;
    this.#random = random;
    this.#habits = habits;
  }

  /** Goes on in all tabs until the signal comes and what was asked is answered. */
  async live(signal: AbortSignal): Promise<void> {
    const tabs = Array.from({ length: this.#habits.tabs }, async (_, tab) => {
      const random = this.#random.of(`tab ${tab}`);
      while (!signal.aborted) {
        const { status } = await this.#act(random);
        const pause = status === 0 ? BREATH : random.next() * this.#habits.pause;
        if (pause >= 1) await delay(pause);
      }
    });
    await Promise.all(tabs);
  }

  /** Looks at the session at every process when all is over and, where it is there, writes to it. */
  async lookAround(): Promise<readonly Step[]> {
    const steps = await Promise.all(this.#clients.map((_, process) => this.#lookAt(process)));
    return steps.flat();
  }

  async #lookAt(process: number): Promise<Step[]> {
    const id = this.#id;
    const visit = await this.#ask(process, id, { kind: 'visit' });
    if (visit.outcome !== 'done' || foundNothing(visit)) return [visit];
    return [visit, await this.#ask(process, id, this.#actionFor('put', this.#random))];
  }

  async #act(random: Random): Promise<Pick<Step, 'status'>> {
    const process = random.whole(0, this.#clients.length - 1);
    if (this.#id === undefined) {
      this.#beginning ??= this.#begin(process, random).finally(() => {
        this.#beginning = undefined;
      });
      await this.#beginning;
      return { status: this.#id === undefined ? 0 : 201 };
    }
    const act = random.weighted(this.#habits.weights);
    if (act === 'haunt') return this.#haunt(process, random);
    if (act === 'revoke') return this.#ask(process, undefined, { kind: act, owner: this.#owner });
    const id = this.#id;
    const step =
      act === 'stream'
        ? await this.#stream(process, id, random)
        : await this.#ask(process, id, this.#actionFor(act, random));
    this.#keepCookie(id, step);
    const { action, outcome } = step;
    // One that may not have been made yet cannot be taken back.
    if (action.kind === 'wish' && outcome === 'done') this.#wishes.push(action.item);
    return step;
  }

  async #begin(process: number, random: Random): Promise<void> {
    // A browser has no cookie, or one that opens nothing any more.
    const id = random.pick([undefined, this.#ended.at(-1)]);
    const step = await this.#ask(process, id, { kind: 'begin', token: this.#token() });
    if (step.newId === undefined) return;
    this.#id = step.newId;
    this.#wishes = [];
    const born = this.#journal.storyOf(step.newId);
    if (born !== undefined && !this.#sessions.includes(born)) this.#sessions.push(born);
    this.#closeOldest();
  }

  /** Whoever has an old cookie may read with it, or write. */
  #haunt(process: number, random: Random): Promise<Pick<Step, 'status'>> {
    if (this.#ended.length === 0) return this.#ask(process, undefined, { kind: 'visit' });
    const id = random.pick(this.#ended);
    const act = random.pick(['visit', 'put'] as const);
    return this.#ask(process, id, this.#actionFor(act, random));
  }

  #actionFor(act: Exclude<Act, 'haunt' | 'stream' | 'revoke'>, random: Random): Action {
    if (act === 'put') return { kind: 'put', article: random.pick(ARTICLES), token: this.#token() };
    if (act === 'order') return { kind: 'order', token: this.#token() };
    if (act === 'login' || act === 'revoke-others') return { kind: act, owner: this.#owner };
    if (act === 'wish') return { kind: 'wish', item: this.#token() };
    if (act !== 'unwish') return { kind: act };
    const item = this.#wishes.shift();
    return item === undefined ? { kind: 'visit' } : { kind: 'unwish', item };
  }

  /** As a browser does, and as a user who is told that there is no session. */
  #keepCookie(sent: string, { newId, isCleared, ...step }: Step): void {
    const isOver = newId !== undefined || isCleared || foundNothing(step) || step.status === 409;
    if (!isOver) return;
    if (step.status !== 409 && !this.#ended.includes(sent)) this.#ended.push(sent);
    // Another tab may have another id by now.
    if (newId !== undefined) this.#id = newId;
    else if (step.status !== 409 && this.#id === sent) this.#id = undefined;
  }

  async #ask(process: number, id: string | undefined, action: Action): Promise<Step> {
    const asked = { action, id, process, begun: performance.now() };
    const note = this.#journal.expect(this.#owner, asked);
    const step = await ask(this.#clientOf(process), asked);
    note(step);
    return step;
  }

  /** Resolves to what came of it as a whole. */
  async #stream(process: number, id: string, random: Random): Promise<Step> {
    const [token, item] = [this.#token(), this.#token()];
    const pause = random.whole(0, LONGEST_STREAM);
    const stream: Stream = { token, item, pause, id, process, begun: performance.now() };
    const notes = stepsOf(stream).map((asked) => this.#journal.expect(this.#owner, asked));
    const steps = await askStream(this.#clientOf(process), stream);
    steps.forEach((step, index) => notes[index]?.(step));
    return steps[1];
  }

  #clientOf(process: number): HttpClient {
    const client = this.#clients[process];
    if (client === undefined) throw new RangeError(`There is no process ${process}.`);
    return client;
  }

  /** Ends the watch over the oldest sessions, which are over and of which nothing is under way. */
  #closeOldest(): void {
    while (this.#sessions.length > HAUNTED) {
      const [oldest = ''] = this.#sessions;
      if (this.#journal.isExpecting(oldest)) return;
      this.#sessions.shift();
      this.#ended = this.#ended.filter((id) => this.#journal.storyOf(id) !== oldest);
      this.#journal.close(oldest);
    }
  }

  #token(): string {
    return `${this.#name}-${++this.#tokens}`;
  }
}
