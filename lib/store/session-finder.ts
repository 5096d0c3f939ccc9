import { unsealId } from '../record/alias.js';
import { sessionKey } from '../record/ids.js';
import type { Replaced } from '../record/record.js';
import type { Deadline } from './deadline.js';
import {
  isSnapshot,
  type LiveRecord,
  type OpenSession,
  type RecordStore,
  type Snapshot,
} from './record-store.js';

/** Where an id leads: to a session, or to nothing. */
export interface Found {
  readonly id: string;
  readonly key: string;
  readonly snapshot: Snapshot | undefined;
  /** Why there is no snapshot, where the record itself says so. */
  readonly why?: 'absolute' | 'unreadable' | undefined;
}

/** Finds sessions by their ids, and by those that were renewed a moment ago. */
export class SessionFinder {
  readonly #records: RecordStore;
  readonly #prefix: string;

  constructor(records: RecordStore, prefix: string) {
    this.#records = records;
    this.#prefix = prefix;
  }

  /**
   * The live record of an id, or of the id that it was renewed to. What has outlived its absolute
   * lifetime is removed.
   *
   * @param ttl seconds that its life is extended to
   */
  async find(deadline: Deadline, id: string, ttl?: number): Promise<Found> {
    const key = sessionKey(this.#prefix, id);
    const found = await this.#records.read(deadline, key, ttl);
    if (this.#records.isLive(found)) return { id, key, snapshot: found };
    const newId = found && 'replacedBy' in found ? renewedId(found, id) : undefined;
    if (newId !== undefined) return this.find(deadline, newId, ttl);
    if (found && 'isUnreadable' in found)
      return { id, key, snapshot: undefined, why: 'unreadable' };
    if (!isSnapshot(found)) return { id, key, snapshot: undefined };
    await this.#records.destroy(deadline, key).catch(ignore);
    this.#tellOfEnd(found);
    return { id, key, snapshot: undefined, why: 'absolute' };
  }

  /** The same, its life extended: a session with a lifetime of its own is read again with it. */
  async extend(deadline: Deadline, id: string): Promise<Found> {
    const { lifetimes } = this.#records;
    const found = await this.find(deadline, id, lifetimes.idle);
    const { lifetime = lifetimes.idle } = found.snapshot?.record ?? {};
    if (!isOpen(found) || lifetime === lifetimes.idle) return found;
    return this.find(deadline, found.id, lifetimes.ttl(found.snapshot.record, Date.now()));
  }

  /**
   * The same, to write over.
   *
   * @throws SessionConflictException when the id leads to nothing
   */
  async newest(deadline: Deadline, id: string): Promise<OpenSession & { snapshot: LiveRecord }> {
    const found = await this.find(deadline, id);
    return { id: found.id, snapshot: this.#records.requireNewest(found.snapshot) };
  }

  #tellOfEnd({ key, record: { owner } }: Snapshot): void {
    const { observer } = this.#records;
    if (observer.hears('expired')) observer.tell('expired', { key, owner, reason: 'absolute' });
  }
}

export function isOpen(found: Found): found is Found & OpenSession {
  return found.snapshot !== undefined;
}

function renewedId({ alias }: Replaced, oldId: string): string | undefined {
  if (alias === undefined || Date.now() >= alias.until) return undefined;
  try {
    return unsealId(alias.sealed, oldId);
  } catch {
    // Whoever put it there did not know the old id: it leads nowhere.
    return undefined;
  }
}

function ignore(): void {
  // It is out of use, and ends by itself.
}
