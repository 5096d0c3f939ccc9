import type { Random } from '../../chaos/random.js';
import type { SessionProcess } from '../../security/session-process.js';
import { Story } from './story.js';

/** What all browsers share. */
export interface Surroundings {
  readonly random: Random;
  readonly stories: Map<string, Story>;
  readonly faults: string[];
  /** Whether a login may end other sessions of its owner. */
  readonly areEvicted: boolean;
  /** The time, in steps. */
  readonly now: () => number;
}

/** One request, as far as it has come. */
export class Visit {
  story: Story | undefined;
  /** Whether the session may be lost to its browser when this request is refused, or its process dies. */
  mayLoseSession = false;
  /** The process has died. */
  isAbandoned = false;
  /** What is certain when it is answered well. */
  readonly acknowledged: (() => void)[] = [];
  readonly from: number;
  readonly startedAt = Date.now();
  #names = 0;

  constructor(
    readonly name: string,
    readonly process: SessionProcess,
    /** The id in its cookie. */
    readonly sent: string | undefined,
    readonly around: Surroundings,
  ) {
    this.from = around.now();
  }

  /** A name that nothing else has. */
  newName(): string {
    return `${this.name}.${++this.#names}`;
  }

  /** A session that begins in this request. */
  begin(): Story {
    return this.#known(new Story(this.newName()));
  }

  /** The copy of a session that is made in this request. */
  copy(original: Story): Story {
    return this.#known(original.copy(this.newName(), this.from));
  }

  /** The session is lost to its browser where this request is. */
  abandon(why: string): void {
    this.isAbandoned = true;
    if (this.story && this.mayLoseSession) this.story.mayHaveEnded ??= why;
  }

  /** All sessions that have, or had, an owner may end now. */
  mayEndOwned(why: string, except?: Story): void {
    for (const story of this.around.stories.values()) {
      if (story !== except && story.hadOwner) story.mayHaveEnded ??= why;
    }
  }

  #known(story: Story): Story {
    this.around.stories.set(story.name, story);
    this.story = story;
    return story;
  }
}
