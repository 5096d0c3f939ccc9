import { SessionException } from '../../../lib/exceptions/session.exceptions.js';
import type { SessionLife } from '../../../lib/store/session-life.js';
import type { Random } from '../../chaos/random.js';
import type { SessionProcess } from '../../security/session-process.js';
import { Story } from './story.js';

export const OWNERS = ['anna', 'bob'] as const;

type Act = 'store' | 'count' | 'renew' | 'login' | 'logout' | 'read';

const ACTS: Readonly<Record<Act, number>> = {
  store: 5,
  count: 4,
  renew: 2,
  login: 3,
  logout: 2,
  read: 3,
};
const READING: readonly Act[] = ['read', 'logout', 'renew'];

/** What all browsers share. */
export interface Surroundings {
  readonly random: Random;
  readonly processes: readonly SessionProcess[];
  readonly stories: Map<string, Story>;
  readonly faults: string[];
  /** The time, in steps. */
  readonly now: () => number;
}

/** A browser with one cookie, whose requests come to any process, several at once. */
export class Browser {
  id: string | undefined;
  story: Story | undefined;
  #requests = 0;
  readonly #name: string;
  readonly #around: Surroundings;

  constructor(name: string, around: Surroundings) {
    this.#name = name;
    this.#around = around;
  }

  /** One request with up to three acts. Never rejects. */
  async request(): Promise<void> {
    const { random, processes, faults } = this.#around;
    const acts = Array.from({ length: random.whole(1, 3) }, () => random.weighted(ACTS));
    const from = this.#around.now();
    const sent = this.id;
    try {
      const life = await random.pick(processes).visit(sent);
      await this.#act(life, acts, { from, sent });
    } catch (error) {
      if (!(error instanceof SessionException)) faults.push(String(error));
    }
  }

  async #act(
    life: SessionLife,
    acts: readonly Act[],
    { from, sent }: { readonly from: number; readonly sent: string | undefined },
  ): Promise<void> {
    const story = this.#storyOf(life, acts, from);
    if (story === undefined) return life.commit(true);
    const acknowledged: (() => void)[] = [];
    const doing = this.#doAll(acts, life, story, { from, acknowledged });
    await Promise.allSettled([doing]);
    await this.#answer(life, story, sent);
    await doing;
    for (const acknowledge of acknowledged) acknowledge();
  }

  async #doAll(
    acts: readonly Act[],
    life: SessionLife,
    story: Story,
    request: { readonly from: number; readonly acknowledged: (() => void)[] },
  ): Promise<void> {
    for (const act of acts) {
      await this.#do(act, life, story, request);
      if (act === 'logout') return;
    }
  }

  /** A refused answer bears no cookie, so that an id which only it would have told is lost. */
  async #answer(life: SessionLife, story: Story, sent: string | undefined): Promise<void> {
    try {
      await life.commit(true);
    } catch (error) {
      if (life.isStored && life.id !== sent) story.mayHaveEnded = 'a refused move';
      throw error;
    }
    if (life.isDestroyed && !life.isStored) this.id = this.story = undefined;
    if (!life.isStored || life.isGone || life.isIdOutdated || life.id === sent) return;
    this.id = life.id;
    this.story = story;
  }

  /** Undefined: there is no session, and none begins. */
  #storyOf({ values }: SessionLife, acts: readonly Act[], from: number): Story | undefined {
    const { stories, faults } = this.#around;
    const found = values.get({ name: 'story' }) as string | undefined;
    if (found === undefined) {
      if (acts.every((act) => READING.includes(act))) return undefined;
      const story = new Story(`${this.#name}${++this.#requests}`);
      stories.set(story.name, story);
      values.set({ name: 'story' }, story.name);
      return story;
    }
    const story = stories.get(found);
    if (story?.end && story.end.at < from) {
      faults.push(`${found} answers, and was ended by ${story.end.by}`);
    }
    return story;
  }

  async #do(
    act: Act,
    life: SessionLife,
    story: Story,
    { from, acknowledged }: { from: number; acknowledged: (() => void)[] },
  ): Promise<void> {
    const { random, now } = this.#around;
    if (act === 'store') {
      const name = `${this.#name}.${++this.#requests}`;
      life.values.set({ name }, true);
      acknowledged.push(() => story.stored.add(name));
    } else if (act === 'count') {
      story.asked++;
      await life.update({ name: 'count' }, 'count', (count) => ((count ?? 0) as number) + 1);
      acknowledged.push(() => story.counted++);
    } else if (act === 'renew') {
      const end = story.beginMove(from);
      await life.regenerate(true).finally(() => end(now()));
    } else if (act === 'login') {
      const owner = random.pick(OWNERS);
      const end = story.beginMove(from, owner);
      await life.login(owner, [], undefined);
      acknowledged.push(() => {
        story.owner = owner;
        end(now());
      });
    } else if (act === 'logout') {
      const { owner } = life.facts;
      story.mayHaveEnded ??= 'a logout';
      await life.destroy();
      acknowledged.length = 0;
      acknowledged.push(() => {
        if (story.canBeFollowed(from, owner)) story.end ??= { by: 'a logout', at: now() };
      });
    }
  }
}
