import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import { ownerKey } from '../record/ids.js';
import {
  type OwnerEntry,
  type OwnerList,
  parseOwnerList,
  serializeOwnerList,
} from '../record/owner-list.js';
import type { BoundedAdapter } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import { KeyQueue } from './key-queue.js';
import { isOutcomeUnknown, MAX_FAULTS } from './outcome.js';
import { UNSEALED } from './sealing-adapter.js';

/** Seconds that a list is kept where sessions have no absolute end: ten years. */
const ENDLESS_TTL = 315_360_000;

/** Seconds for an empty list. Nobody needs it, but compare-and-swap cannot remove a record. */
const EMPTY_TTL = 60;
const EMPTY: OwnerList = { sessions: [] };

/** Makes the new list out of the newest one; undefined leaves it as it is. */
export type ListChange = (
  entries: readonly OwnerEntry[],
) => readonly OwnerEntry[] | undefined | Promise<readonly OwnerEntry[] | undefined>;

/** The lists of owners' sessions: one more record each, changed by compare-and-swap only. */
export class OwnerIndex {
  readonly #adapter: BoundedAdapter;
  readonly #prefix: string;
  readonly #longestLife: number;
  readonly #retries = new KeyQueue();

  /** @param longestLife seconds that a session may live at the most */
  constructor(adapter: BoundedAdapter, prefix: string, longestLife: number) {
    this.#adapter = adapter;
    this.#prefix = prefix;
    this.#longestLife = Number.isFinite(longestLife) ? longestLife : ENDLESS_TTL;
  }

  async list(deadline: Deadline, owner: string): Promise<readonly OwnerEntry[]> {
    const key = ownerKey(this.#prefix, owner);
    const stored = await this.#adapter.read(deadline, key);
    return stored ? parse(key, stored.data).sessions : [];
  }

  /**
   * Changes a list by compare-and-swap, and again while others change it in between. `change` has
   * to be idempotent: it may have been stored already, and the answer lost.
   */
  async change(deadline: Deadline, owner: string, change: ListChange): Promise<void> {
    const key = ownerKey(this.#prefix, owner);
    let faults = 0;
    const isChanged = async (): Promise<boolean> => {
      const stored = await this.#adapter.read(deadline, key);
      const before = stored ? parse(key, stored.data) : EMPTY;
      const sessions = await change(before.sessions);
      if (sessions === undefined) return true;
      const { ttl, until } = this.#lifeOf(sessions, before.until);
      const data = serializeOwnerList(key, { sessions, until });
      try {
        return stored
          ? await this.#adapter.update(deadline, key, data, ttl, stored.version)
          : await this.#adapter.create(deadline, key, data, ttl);
      } catch (error) {
        if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
        return false;
      }
    };
    if (await isChanged()) return;
    // After a conflict, this process changes the list for one request at a time.
    await this.#retries.run(key, deadline, async () => {
      for (let attempt = 0; !(await isChanged()); attempt++) await deadline.backOff(attempt);
    });
  }

  /** A list lives as long as its sessions may, by the longest absolute lifetime of its writers. */
  #lifeOf(
    sessions: readonly OwnerEntry[],
    before = 0,
  ): { readonly ttl: number; readonly until?: number } {
    if (sessions.length === 0) return { ttl: EMPTY_TTL };
    const now = Date.now();
    const until = Math.max(before, now + this.#longestLife * 1000);
    return { ttl: Math.ceil((until - now) / 1000), until };
  }
}

/** A list from before encryption was switched on is empty: none of its sessions can be read. */
function parse(key: string, data: string): OwnerList {
  if (data === UNSEALED) return EMPTY;
  try {
    return parseOwnerList(key, data);
  } catch {
    throw new SessionStoreUnavailableException(
      "The list of an owner's sessions cannot be read: it is corrupt or was written by another " +
        'program. Nobody can log in as this owner until that record is removed from the store.',
    );
  }
}
