import { unsealId } from '../record/alias.js';
import { sessionKey } from '../record/ids.js';
import type { Replaced } from '../record/record.js';
import type { Deadline } from './deadline.js';
import type { LiveRecord, OpenSession, RecordStore, Snapshot } from './record-store.js';

/** Where an id leads: to a session, or to nothing. */
export interface Found {
  readonly id: string;
  readonly key: string;
  readonly snapshot: Snapshot | undefined;
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
    if (found && 'record' in found) await this.#records.destroy(deadline, key).catch(ignore);
    return { id, key, snapshot: undefined };
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
