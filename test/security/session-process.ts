import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { SessionLife } from '../../lib/store/session-life.js';
import { SessionStore, type SessionStoreOptions } from '../../lib/store/session-store.js';
import { stoppedAtLast } from '../support/stopped-stores.js';

/** The sessions of one process of an application, without HTTP. */
export interface SessionProcess {
  readonly store: SessionStore;
  /** What a request with that id does before its handler runs. */
  readonly visit: (id?: string) => Promise<SessionLife>;
}

export const DEFAULTS: SessionStoreOptions = {
  prefix: 'sess:',
  lifetime: 3600,
  absoluteLifetime: 86_400,
  storeTimeout: 2000,
  whenOwnerIsFull: 'evict-oldest',
};

/** Several of these over one adapter are several processes: they share nothing else. */
export function startProcess(
  adapter: SessionAdapter,
  options: Partial<SessionStoreOptions> = {},
): SessionProcess {
  return processOf(stoppedAtLast(new SessionStore(adapter, { ...DEFAULTS, ...options })));
}

/** A process that has this store. */
export function processOf(store: SessionStore): SessionProcess {
  const visit = async (id?: string): Promise<SessionLife> => {
    const life = new SessionLife(store, '');
    if (id !== undefined) {
      await life.open(id);
      if (life.isRenewalDue) await life.renew();
    }
    return life;
  };
  return { store, visit };
}

/** Commits one variable, and is answered. */
export async function write(life: SessionLife, name: string, value: unknown): Promise<void> {
  life.values.set({ name }, value);
  await life.commit(true);
}

/** A stored session with one variable, logged in where an owner is given. */
export async function beginSession(process: SessionProcess, owner?: string): Promise<SessionLife> {
  const life = await process.visit();
  await write(life, 'begun', true);
  if (owner !== undefined) await life.login(owner, [], undefined);
  return life;
}

/** Whether that id opens a session, in a request whose client is not told another one. */
export async function opens({ store }: SessionProcess, id: string): Promise<boolean> {
  return (await store.peek(id)) !== undefined;
}

/** Visits and is answered. */
export async function answered(process: SessionProcess, id: string): Promise<SessionLife> {
  const life = await process.visit(id);
  await life.commit(true);
  return life;
}
