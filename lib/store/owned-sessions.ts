import { entriesUnder, isUnder, successorOf, wasUnder } from '../record/former-keys.js';
import type { OwnerEntry } from '../record/owner-list.js';
import type { SessionEvents } from '../events/session-events.js';
import { Deadline } from './deadline.js';
import type { ListChange, OwnerIndex } from './owner-index.js';
import { type Evict, type OwnerLimit, OwnerRoom } from './owner-room.js';
import type { RecordStore, Snapshot, Stored } from './record-store.js';

/** Which session a new one comes from. */
export interface Origin {
  /** The key of the session that it replaces. */
  readonly replaced?: string | undefined;
  /** Whether the replaced one is of another owner, or of nobody. */
  readonly changesOwner?: boolean | undefined;
  /** The key of the session that it is a copy of; both stay. */
  readonly beside?: string | undefined;
}

/** A listed session that lives, and what is known of it. */
export interface OwnedSession {
  readonly entry: OwnerEntry;
  readonly snapshot: Snapshot;
}

/**
 * The sessions of an owner. Each is listed before its record is stored, and taken off the list
 * after its record is gone.
 */
export class OwnedSessions {
  readonly #records: RecordStore;
  readonly #index: OwnerIndex;
  readonly #room: OwnerRoom;
  /** Milliseconds for one store call. */
  readonly #storeTimeout: number;
  readonly #onEnd: (key: string) => void;

  /** @param onEnd is told the keys of the sessions that are ended here */
  constructor(
    records: RecordStore,
    index: OwnerIndex,
    limit: OwnerLimit,
    onEnd: (key: string) => void,
  ) {
    this.#records = records;
    this.#index = index;
    this.#storeTimeout = limit.storeTimeout;
    this.#room = new OwnerRoom(records, limit);
    this.#onEnd = onEnd;
  }

  /**
   * Lists a session that is about to be stored; `confirm()` follows when it is, with the same
   * origin.
   *
   * @throws SessionLimitException when the owner has as many sessions as allowed
   */
  async announce(
    deadline: Deadline,
    owner: string,
    entry: OwnerEntry,
    origin: Origin,
  ): Promise<void> {
    const { replaced, beside } = origin;
    await this.#index.change(deadline, owner, async (entries) => {
      const others = entries.filter(({ key }) => key !== entry.key);
      const listed: OwnerEntry = { ...entry, isArriving: true };
      const arriving = replaced === undefined ? listed : successorOf(listed, replaced, others);
      const kept = needsRoom(origin) ? await this.#room.admit(deadline, others, beside) : others;
      return [...kept, arriving];
    });
  }

  /**
   * Whether a session is still on the list, now that its record is stored. If so, others make room
   * for it, and the list gets a new version: a process that saw no record a moment ago, and is
   * about to drop the entry, has to look again and finds it.
   */
  async confirm(deadline: Deadline, owner: string, key: string, origin: Origin): Promise<boolean> {
    let isListed = false;
    const told = new Set<string>();
    const evict: Evict = (evicted) => this.#revoke(deadline, owner, evicted, 'evicted', told);
    await this.#index.change(deadline, owner, (entries) => {
      const listed = entries.find((entry) => entry.key === key);
      isListed = listed !== undefined;
      if (listed === undefined) return undefined;
      const arrived = { ...listed, isArriving: undefined };
      const settled = entries.map((entry) => (entry === listed ? arrived : entry));
      if (!needsRoom(origin)) return settled;
      return this.#room.makeRoom(deadline, settled, arrived, origin.beside, evict);
    });
    return isListed;
  }

  /** Takes a session that is gone off the list. */
  async forget(deadline: Deadline, owner: string, ended: string): Promise<void> {
    await this.#index.change(deadline, owner, (entries) => {
      const kept = entries.filter(({ key }) => key !== ended);
      return kept.length === entries.length ? undefined : kept;
    });
  }

  /**
   * Takes an ended session off the list, and ends its successors: what other requests have made of
   * it meanwhile, under new ids. A list that can be read but not changed is left as it is: its
   * entry is only stale. A list that cannot be read is read once more.
   *
   * @returns the keys of the successors
   * @throws SessionStoreUnavailableException when one of them was not, or may not have been
   */
  async endSuccessors(deadline: Deadline, owner: string, key: string): Promise<string[]> {
    const ended = new Set<string>();
    /** Whether the latest list that was read has no successor that lives. */
    let areAllEnded = false;
    const end: ListChange = async (entries) => {
      const kept = entries.filter((entry) => !isUnder(entry, key));
      const successors = entries.filter((entry) => wasUnder(entry, key));
      const found = successors.map((entry) => entry.key).filter((one) => !ended.has(one));
      areAllEnded = found.length === 0;
      if (!areAllEnded) await this.#end(deadline, found);
      for (const one of found) ended.add(one);
      return kept.length === entries.length ? undefined : kept;
    };
    const change = async (): Promise<void> => {
      if (!areAllEnded) await this.#index.change(deadline, owner, end);
    };
    await change()
      .catch(change)
      .catch((error: unknown) => {
        if (!areAllEnded) throw error;
      });
    return [...ended];
  }

  /** The sessions that live, in the order of their logins; nobody's life is extended. */
  async list(owner: string): Promise<OwnedSession[]> {
    const deadline = this.#deadline();
    const entries = await this.#index.list(deadline, owner);
    const found = await this.#records.readMany(
      deadline,
      entries.map(({ key }) => key),
    );
    return entries
      .map((entry, index) => ({ entry, snapshot: found[index] }))
      .filter((session): session is OwnedSession => this.#isOwn(session.snapshot, owner))
      .toSorted((a, b) => a.entry.loggedInAt - b.entry.loggedInAt);
  }

  /**
   * Ends one session of this owner with all of its entries, whichever id it has got meanwhile.
   * False: it is not on the owner's list.
   */
  async revoke(owner: string, key: string): Promise<boolean> {
    // Of its entries, the one under that key may be gone when the list is read again.
    const keys = [key];
    const ended = await this.#endListed(owner, (entries) => {
      const found = entriesUnder(keys, entries);
      keys.push(...found.map((entry) => entry.key));
      return found;
    });
    return ended > 0;
  }

  /**
   * Ends all sessions of this owner, those that are listed meanwhile too, and counts them.
   *
   * @param except the key of a session that stays, with all of its entries, as for `revoke`
   */
  revokeAll(owner: string, except: string | undefined): Promise<number> {
    const kept = except === undefined ? [] : [except];
    return this.#endListed(owner, (entries) => {
      const staying = entriesUnder(kept, entries);
      return entries.filter((entry) => !staying.includes(entry));
    });
  }

  /** Ends sessions of an owner and takes them off the list, until none comes in between. */
  async #endListed(
    owner: string,
    choose: (entries: readonly OwnerEntry[]) => readonly OwnerEntry[],
  ): Promise<number> {
    const deadline = this.#deadline();
    const told = new Set<string>();
    await this.#index.change(deadline, owner, async (entries) => {
      const chosen = choose(entries);
      if (chosen.length === 0) return undefined;
      await this.#revoke(deadline, owner, chosen, 'revoked', told);
      return entries.filter((entry) => !chosen.includes(entry));
    });
    return told.size;
  }

  async #end(deadline: Deadline, keys: readonly string[]): Promise<void> {
    await this.#records.destroyMany(deadline, keys);
    for (const key of keys) this.#onEnd(key);
  }

  /** @param told the keys whose end was told already; those of these entries are added */
  async #revoke(
    deadline: Deadline,
    owner: string,
    entries: readonly OwnerEntry[],
    reason: SessionEvents['revoked']['reason'],
    told: Set<string>,
  ): Promise<void> {
    const { observer } = this.#records;
    const keys = entries.map(({ key }) => key);
    await this.#end(deadline, keys);
    for (const key of keys) {
      if (!told.has(key) && observer.hears('revoked')) {
        observer.tell('revoked', { key, owner, reason });
      }
      told.add(key);
    }
  }

  #isOwn(found: Stored, owner: string): boolean {
    return this.#records.isLive(found) && found.record.owner === owner;
  }

  #deadline(): Deadline {
    return new Deadline(2 * this.#storeTimeout);
  }
}

/** A session that replaces another one of the same owner needs no room. */
function needsRoom({ replaced, changesOwner }: Origin): boolean {
  return replaced === undefined || changesOwner === true;
}

/** What is done with the sessions of owners. */
export type OwnersSessions = Pick<OwnedSessions, keyof OwnedSessions>;
