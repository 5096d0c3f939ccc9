import type { SessionLife } from '../../../lib/store/session-life.js';
import type { SessionProcess } from '../../security/session-process.js';
import { type Act, beginsSession, perform, WEIGHTS } from './acts.js';
import type { Story } from './story.js';
import { type Surroundings, Visit } from './visit.js';

/** A browser with one cookie, whose requests come to any process, several at once. */
export class Browser {
  id: string | undefined;
  story: Story | undefined;
  #requests = 0;

  constructor(
    readonly name: string,
    readonly around: Surroundings,
  ) {}

  /** A request that is about to be sent. */
  visit(process: SessionProcess): Visit {
    return new Visit(`${this.name}${++this.#requests}`, process, this.id, this.around);
  }

  /** One request with up to three acts. */
  async request(visit: Visit): Promise<void> {
    const { random } = this.around;
    const acts = Array.from({ length: random.whole(1, 3) }, () => random.weighted(WEIGHTS));
    const life = await visit.process.visit(visit.sent);
    this.#findStory(visit, life, acts);
    if (visit.story === undefined) return life.commit(true);
    const doing = this.#doAll(visit, life, acts);
    await Promise.allSettled([doing]);
    const answering = this.#answer(visit, life);
    await Promise.allSettled([answering]);
    try {
      await answering;
      await doing;
    } catch (error) {
      visit.story.isRefused = true;
      visit.abandon('a refused request');
      throw error;
    }
    if (visit.isAbandoned) return;
    for (const acknowledge of visit.acknowledged) acknowledge();
  }

  /** Leaves the request without one where there is no session, and none begins. */
  #findStory(visit: Visit, { values }: SessionLife, acts: readonly Act[]): void {
    const { stories, faults } = this.around;
    const name = values.get({ name: 'story' }) as string | undefined;
    if (name === undefined) {
      if (beginsSession(acts)) values.set({ name: 'story' }, visit.begin().name);
      return;
    }
    const story = stories.get(name);
    if (story === undefined || !name.startsWith(this.name)) {
      return void faults.push(`${visit.name} is in another one's session`);
    }
    const variables = new Map(values.names().map((one) => [one, values.get({ name: one })]));
    faults.push(...story.faultsOfLife(visit.from), ...story.faultsIn(variables, visit.from));
    visit.story = story;
  }

  async #doAll(visit: Visit, life: SessionLife, acts: readonly Act[]): Promise<void> {
    for (const one of acts) {
      if (visit.story) await perform(one, { visit, story: visit.story, life });
      if (one === 'logout') return;
    }
  }

  /** A refused answer bears no cookie, so that an id which only it would have told is lost. */
  async #answer(visit: Visit, life: SessionLife): Promise<void> {
    const { mayLoseSession } = visit;
    // Old ids are about to be settled.
    visit.mayLoseSession = true;
    await life.commit(true);
    if (visit.isAbandoned) return;
    visit.mayLoseSession = mayLoseSession;
    if (life.isDestroyed && !life.isStored) this.id = this.story = undefined;
    if (!life.isStored || life.isGone || life.isIdOutdated || life.id === visit.sent) return;
    this.id = life.id;
    this.story = visit.story;
    this.story?.told(life.id);
  }
}
