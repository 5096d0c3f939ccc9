import { type AnswerRules, checkAnswer } from '../check/answers.js';
import { checkStory } from '../check/check-story.js';
import { issuedBy } from './issued-by.js';
import { type Asked, isRevocation, type Step } from './step.js';
import type { Circumstances, Story, Trouble } from './story.js';
import { type Violation, violation } from './violation.js';

const KEPT_VIOLATIONS = 50;

/**
 * The log of what users did and were told. Each answer is checked as it comes, each session's story
 * when nobody will use it again; then it is forgotten.
 */
export class Journal {
  readonly violations: Violation[] = [];
  readonly troubles: Trouble[] = [];
  readonly #rules: AnswerRules;
  readonly #stories = new Map<string, Story>();
  /** By each id that anybody has, or had. */
  readonly #byId = new Map<string, Story>();
  /** What is asked and not answered. */
  readonly #expected = new Set<Asked>();
  /** Revocations of which nobody knows whether they are done, or still to come. */
  #pendingRevocations: Step[] = [];
  readonly #onStep: (step: Step) => void;
  #checked = 0;

  /** @param onStep is told every step, to count it */
  constructor(rules: AnswerRules, onStep: (step: Step) => void = () => {}) {
    this.#rules = rules;
    this.#onStep = onStep;
  }

  /** How many stories there were. */
  get stories(): number {
    return this.#checked + this.#stories.size;
  }

  /** Notes that a user asks something; what is given back notes what came of it. */
  expect(user: string, asked: Asked): (step: Step) => void {
    this.#expected.add(asked);
    return (step) => {
      this.#expected.delete(asked);
      this.#note(user, step);
    };
  }

  /** Whether something is under way in a session. */
  isExpecting(born: string): boolean {
    const story = this.#stories.get(born);
    return story !== undefined && this.#expectedIn(story).length > 0;
  }

  /** Something is done to the application or its store, until the function given back is called. */
  trouble(given: Omit<Trouble, 'from' | 'to'>): () => void {
    const trouble = { ...given, from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.troubles.push(trouble);
    return () => {
      trouble.to = performance.now();
    };
  }

  /** The session of an id, under whichever name it goes here. */
  storyOf(id: string): string | undefined {
    return this.#byId.get(id)?.born;
  }

  /** Checks a story that nobody uses any more. */
  close(born: string): void {
    const story = this.#stories.get(born);
    if (story === undefined) return;
    this.#stories.delete(born);
    for (const id of story.ids.keys()) this.#byId.delete(id);
    this.#checked++;
    this.add(checkStory(story, this.#circumstances));
  }

  /** What is wrong with the stories that are not over, whatever comes of what is under way. */
  look(): Violation[] {
    return Array.from(this.#stories.values()).flatMap((story) => {
      const open = this.#expectedIn(story).map(asUnknown);
      return checkStory({ ...story, steps: [...story.steps, ...open] }, this.#circumstances);
    });
  }

  closeAll(): void {
    for (const born of this.#stories.keys()) this.close(born);
  }

  add(violations: readonly Violation[]): void {
    this.violations.push(...violations.slice(0, KEPT_VIOLATIONS - this.violations.length));
  }

  get #circumstances(): Circumstances {
    return { ...this.#rules, troubles: this.troubles };
  }

  #note(user: string, step: Step): void {
    const { action, newId, visit } = step;
    this.#onStep(step);
    this.add(checkAnswer(step, this.troubles, this.#rules));
    const story = step.id === undefined ? undefined : this.#byId.get(step.id);
    if (isRevocation(action)) {
      this.#noteRevocation(action.owner, step, story);
      if (step.id === undefined) return;
    }
    // An id that was renewed may lead to a session that is there already.
    if (action.kind === 'begin' && newId !== undefined && visit?.born === action.token) {
      this.#begin(user, newId, action.token, step);
      // That the former id opened nothing is part of the former session's story.
      story?.steps.push({ ...step, visit: EMPTY, newId: undefined });
      return;
    }
    if (story === undefined) {
      this.#checkStranger(step);
      return;
    }
    story.steps.push(step);
    if (newId !== undefined) this.#give(story, newId, step);
  }

  /** It is part of the story of each session of that owner, beside the one that asked for it. */
  #noteRevocation(owner: string, asked: Step, own: Story | undefined): void {
    // What it shows is of the session that asked.
    const step = { ...asked, visit: undefined, newId: undefined };
    for (const story of this.#stories.values()) {
      if (story.user === owner && story !== own) story.steps.push(step);
    }
    if (step.outcome === 'unknown') this.#pendingRevocations.push(step);
  }

  #expectedIn({ born, user }: Story): Asked[] {
    return Array.from(this.#expected).filter(({ id, action }) => {
      if (isRevocation(action)) return action.owner === user;
      return id !== undefined && this.storyOf(id) === born;
    });
  }

  #begin(user: string, id: string, born: string, step: Step): void {
    this.#pendingRevocations = this.#pendingRevocations.filter(
      ({ ended }) => step.begun <= ended + this.#rules.recovery,
    );
    const revocations = this.#pendingRevocations.filter(
      ({ action }) => isRevocation(action) && action.owner === user,
    );
    const story: Story = { born, user, ids: new Map(), steps: [...revocations, step] };
    this.#stories.set(born, story);
    this.#give(story, id, step);
  }

  #give(story: Story, id: string, step: Step): void {
    const other = this.#byId.get(id);
    if (other === undefined) {
      this.#byId.set(id, story);
      story.ids.set(id, issuedBy(step, story, this.#rules.renewAfter));
    } else if (other !== story || this.#rules.renewAfter === undefined) {
      const text = `the id was given to ${other.born} before.`;
      this.add([violation("another's data is shown", text, step)]);
    }
  }

  /** Who comes without an id, or with one that opened nothing long ago, is a stranger. */
  #checkStranger(step: Step): void {
    if (step.visit?.born === undefined) return;
    const text = `a visitor without a session is shown ${step.visit.born}.`;
    this.add([violation("another's data is shown", text, step)]);
  }
}

/** A request that has no answer yet may have had its effect already. */
function asUnknown(asked: Asked): Step {
  return { ...asked, ended: performance.now(), outcome: 'unknown', status: 0 };
}

const EMPTY = { cart: {}, wishes: [], orders: [], count: 0 };
