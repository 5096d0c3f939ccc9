import { Deadline } from '../store/deadline.js';
import { SessionLife } from '../store/session-life.js';
import type { SessionStore } from '../store/session-store.js';

/** How two tabs that write at once are stored. */
export type WritingWay = 'merge' | 'last-write-wins';

/** What became of one tab's variable. */
export interface TabWrite {
  readonly tab: string;
  readonly variable: string;
  readonly survived: boolean;
}

/** What came out; undefined where the store keeps no sessions to be read again. */
export type TwoTabs =
  { readonly way: WritingWay; readonly writes: readonly TabWrite[] } | undefined;

const TABS = [
  { tab: 'A', variable: 'from-tab-a' },
  { tab: 'B', variable: 'from-tab-b' },
] as const;

/**
 * Has two tabs read one session, and then each write a variable of its own, at the same time: a
 * session made for this, which is gone afterwards.
 *
 * @throws SessionStoreUnavailableException
 */
export async function writeInTwoTabs(store: SessionStore, way: WritingWay): Promise<TwoTabs> {
  const id = await createScratch(store);
  try {
    const areWritten = await (way === 'merge' ? writeChanges : writeWholes)(store, id);
    if (!areWritten) return undefined;
    const variables = (await store.open(id))?.snapshot.record.variables;
    const writes = TABS.map(({ tab, variable }) => {
      return { tab, variable, survived: variables?.has(variable) === true };
    });
    return { way, writes };
  } finally {
    await destroyScratch(store, id);
  }
}

async function createScratch(store: SessionStore): Promise<string> {
  const life = new SessionLife(store, '');
  life.values.set({ name: 'scratch' }, 'of the inspector');
  await life.commit();
  return life.id;
}

/** As requests do it: what is stored is the change, on whatever stands there by then. */
async function writeChanges(store: SessionStore, id: string): Promise<boolean> {
  const tabs = TABS.map(({ variable }) => ({ variable, life: new SessionLife(store, '') }));
  await Promise.all(tabs.map(({ life }) => life.open(id)));
  if (!tabs.every(({ life }) => life.isStored)) return false;
  await Promise.all(
    tabs.map(({ life, variable }) => {
      life.values.set({ name: variable }, true);
      return life.commit();
    }),
  );
  return true;
}

/** As others do it: what is stored is the whole session as each tab had read it. */
async function writeWholes(store: SessionStore, id: string): Promise<boolean> {
  const sessions = await Promise.all(TABS.map(() => store.open(id)));
  if (!sessions.every((session) => session !== undefined)) return false;
  await Promise.all(
    sessions.map((session, index) => {
      const { record } = session.snapshot;
      const variables = new Map(record.variables).set(TABS[index]?.variable ?? '', true);
      const whole = { ...record, variables };
      return store.commit(new Deadline(store.commitTime), session, () => whole);
    }),
  );
  return true;
}

async function destroyScratch(store: SessionStore, id: string): Promise<void> {
  const found = await store.open(id);
  if (found) await store.destroy(new Deadline(store.commitTime), found);
}
