import type { SessionLife } from '../../../lib/store/session-life.js';
import type { Story } from './story.js';
import type { Visit } from './visit.js';

export const OWNERS = ['anna', 'bob'] as const;

/** A request in the middle of its handler. */
export interface Handling {
  readonly visit: Visit;
  readonly story: Story;
  readonly life: SessionLife;
}

/** What a handler can do. */
export type Act = keyof typeof ACTS;

/** A session does not begin for these. */
const READING: readonly Act[] = ['read', 'save', 'renew', 'copy', 'others', 'logout'];

const ACTS = { read, store, count, save, live, renew, copy, login, others, logout } as const;

export const WEIGHTS: Readonly<Record<Act, number>> = {
  read: 3,
  store: 5,
  count: 4,
  save: 1,
  live: 1,
  renew: 2,
  copy: 1,
  login: 3,
  others: 1,
  logout: 2,
};

export function beginsSession(acts: readonly Act[]): boolean {
  return acts.some((act) => !READING.includes(act));
}

export function perform(name: Act, handling: Handling): Promise<void> {
  return ACTS[name](handling);
}

async function read(): Promise<void> {}

async function store({ visit, story, life }: Handling): Promise<void> {
  const name = visit.newName();
  life.values.set({ name }, true);
  visit.acknowledged.push(() => story.stored(name, visit.around.now()));
}

async function count({ visit, story, life }: Handling): Promise<void> {
  story.asked++;
  const name = story.counter;
  await life.update({ name }, 'count', (before) => ((before ?? 0) as number) + 1);
  visit.acknowledged.push(() => story.counted(visit.around.now()));
}

async function save({ life }: Handling): Promise<void> {
  await life.commit();
}

/** With a lifetime of its own, as for "remember me". */
async function live({ life }: Handling): Promise<void> {
  life.values.lifetime = 7200;
}

async function renew({ visit, story, life }: Handling): Promise<void> {
  const left = [...story.ids.keys()];
  const end = beginMove({ visit, story, life });
  await life.regenerate(true).finally(() => end(visit.around.now()));
  retire(left, { visit, story, life });
}

/** A second session, in which the browser goes on. */
async function copy({ visit, story, life }: Handling): Promise<void> {
  if (life.id !== visit.sent || visit.acknowledged.length > 0) return;
  const made = visit.copy(story);
  life.values.set({ name: 'story' }, made.name);
  visit.mayLoseSession = true;
  const end = made.beginMove(visit.from, made.owner);
  try {
    await life.regenerate(false);
  } catch (error) {
    visit.story = story;
    life.values.set({ name: 'story' }, story.name);
    throw error;
  }
  visit.acknowledged.push(() => end(visit.around.now()));
}

async function login({ visit, story, life }: Handling): Promise<void> {
  const { random, areEvicted, now } = visit.around;
  const owner = random.pick(OWNERS);
  const left = [...story.ids.keys()];
  const end = beginMove({ visit, story, life }, owner);
  if (areEvicted) visit.mayEndOwned('a login');
  await life.login(owner, [], undefined);
  if (areEvicted) visit.mayEndOwned('a login');
  visit.acknowledged.push(() => {
    story.owner = owner;
    end(now());
  });
  retire(left, { visit, story, life });
}

/** "Log out everywhere else." */
async function others({ visit, story, life }: Handling): Promise<void> {
  const { owner } = life.facts;
  if (owner !== undefined) await revokeAll(visit, owner, { key: life.key, story });
}

async function logout({ visit, story, life }: Handling): Promise<void> {
  const { owner } = life.facts;
  story.mayHaveEnded ??= 'a logout';
  await life.destroy();
  visit.acknowledged.length = 0;
  visit.acknowledged.push(() => {
    // An old id that was renewed leads on for half a minute.
    const isQuick = owner !== undefined || Date.now() - visit.startedAt < 30_000;
    if (!isQuick || !story.canBeFollowed(visit.from, owner)) return;
    story.end ??= { by: `the logout of ${visit.name}`, at: visit.around.now() };
  });
}

/** Ends all sessions of an owner. */
export async function revokeAll(
  visit: Visit,
  owner: string,
  except?: { readonly key: string; readonly story: Story },
): Promise<void> {
  const { stories, now } = visit.around;
  const from = now();
  const isMeant = (story: Story): boolean =>
    story !== except?.story && story.isSettledOf(owner, from);
  const meant = [...stories.values()].filter(isMeant);
  visit.mayEndOwned('revokeAll()', except?.story);
  try {
    await visit.process.store.owned.revokeAll(owner, except?.key);
    for (const story of meant.filter(isMeant)) {
      story.end ??= { by: `revokeAll() of ${visit.name}`, at: now() };
    }
  } finally {
    visit.mayEndOwned('revokeAll()', except?.story);
  }
}

function beginMove({ visit, story }: Handling, owner?: string): (at: number) => void {
  visit.mayLoseSession = true;
  return story.beginMove(visit.from, owner);
}

/** The ids that it had before open nothing, but that which it has by now. */
function retire(left: readonly string[], { visit, story, life }: Handling): void {
  const { id } = life;
  visit.acknowledged.push(() => {
    story.retire(
      left.filter((one) => one !== id),
      visit.around.now(),
    );
  });
}
