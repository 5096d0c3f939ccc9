import type { RecordVersion } from '../adapters/session-adapter.js';
import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import { createWriteId, sessionKey } from '../record/ids.js';
import { hasWrite } from '../record/write-log.js';
import type { Replaced } from '../record/record.js';
import { type AdapterMethods, BoundedAdapter } from './bounded-adapter.js';
import { Deadline } from './deadline.js';
import { EndedKeys } from './ended-keys.js';
import { KeyQueue } from './key-queue.js';
import type { Lifetimes } from './lifetimes.js';
import { OwnedSessions, type OwnerLimit } from './owned-sessions.js';
import { OwnerIndex } from './owner-index.js';
import {
  isSnapshot,
  type NewRecord,
  RecordStore,
  type RecordStoreOptions,
  type Snapshot,
} from './record-store.js';
import {
  type CreatedSession,
  isOutcomeUnknown,
  type Listing,
  MAX_FAULTS,
  SessionCreator,
} from './session-creator.js';
import { SessionGoneException } from './session-gone.exception.js';

/** Makes the record to store out of the newest one; may be asked again for a newer one. */
export type Rewrite = (newest: Snapshot) => NewRecord;

/** How sessions are kept. */
export interface SessionStoreOptions extends RecordStoreOptions, OwnerLimit {
  /** Stands before every key. */
  readonly prefix: string;
}

type Versioned = Snapshot & { readonly version: RecordVersion };

/**
 * Sessions over any adapter: opened by id, changed by compare-and-swap, moved to a new id,
 * destroyed. Every operation ends within its time, and knows of its own writes whose answers
 * were lost.
 */
export class SessionStore {
  /** The sessions of those who are logged in. */
  readonly owned: OwnedSessions;
  readonly #records: RecordStore;
  readonly #creator: SessionCreator;
  readonly #queue = new KeyQueue();
  readonly #ended = new EndedKeys();
  readonly #prefix: string;
  readonly #timeout: number;

  constructor(adapter: AdapterMethods, options: SessionStoreOptions) {
    const { prefix, storeTimeout } = options;
    const bounded = new BoundedAdapter(adapter, storeTimeout);
    this.#prefix = prefix;
    this.#timeout = storeTimeout;
    this.#records = new RecordStore(bounded, options);
    const index = new OwnerIndex(bounded, prefix, this.lifetimes.absolute);
    this.owned = new OwnedSessions(this.#records, index, options, (key) => this.#ended.add(key));
    this.#creator = new SessionCreator(this.#records, this.owned, prefix);
  }

  get lifetimes(): Lifetimes {
    return this.#records.lifetimes;
  }

  /**
   * The live session of an id, its life extended; undefined when the id opens none.
   *
   * @throws SessionStoreUnavailableException
   */
  async open(id: string): Promise<Snapshot | undefined> {
    const deadline = new Deadline(this.#timeout);
    const key = sessionKey(this.#prefix, id);
    const found = await this.#live(deadline, key, this.lifetimes.idle);
    const { lifetime = this.lifetimes.idle } = found?.record ?? {};
    if (found === undefined || lifetime === this.lifetimes.idle) return found;
    return this.#live(deadline, key, this.lifetimes.ttl(found.record, Date.now()));
  }

  /**
   * Stores a new session under an id of its own.
   *
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  create(record: NewRecord, listing?: Listing): Promise<CreatedSession> {
    return this.#creator.create(this.#commitDeadline(), record, listing);
  }

  /**
   * Swaps the record for what `rewrite` makes of the newest one, as often as it takes. What
   * resolves bears no version if this writer made it, and one if others wrote after it.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  commit(known: Snapshot, rewrite: Rewrite): Promise<Snapshot> {
    const { key } = known;
    const deadline = this.#commitDeadline();
    return this.#queue.run(key, deadline, async (waited) => {
      const writeId = createWriteId();
      let newest = waited ? undefined : this.#fresh(known);
      let faults = 0;
      for (let attempt = 0; ; attempt++) {
        newest ??= await this.#newest(deadline, key);
        if (attempt > 0 && hasWrite(newest.record.writes, writeId)) return newest;
        try {
          const record = rewrite(newest);
          const written = await this.#records.replace(deadline, newest, record, writeId);
          if (written) return written;
        } catch (error) {
          if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
        }
        newest = undefined;
        if (attempt > 0) await deadline.backOff(attempt);
      }
    });
  }

  /**
   * Moves a session to a new id. The old id opens nothing afterwards, unless `deleteOld` is false.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException; the old id stays valid
   */
  regenerate(
    known: Snapshot,
    rewrite: Rewrite,
    { deleteOld, info }: { readonly deleteOld: boolean; readonly info?: Listing['info'] },
  ): Promise<CreatedSession> {
    const { key } = known;
    const deadline = this.#commitDeadline();
    return this.#queue.run(key, deadline, async (waited) => {
      const fresh = waited || !deleteOld ? undefined : this.#fresh(known);
      const newest = fresh ?? (await this.#newest(deadline, key));
      const listing = { info, replaced: deleteOld ? key : undefined };
      const created = await this.#creator.create(deadline, rewrite(newest), listing);
      if (!deleteOld) return created;
      try {
        const moved = await this.#retire(deadline, newest, created, rewrite);
        await this.#ends(deadline, newest);
        return moved;
      } catch (error) {
        await this.#creator.discard(deadline, created);
        throw error;
      }
    });
  }

  /**
   * Removes a session for good.
   *
   * @throws SessionStoreUnavailableException
   */
  async destroy(known: Snapshot): Promise<void> {
    const deadline = this.#commitDeadline();
    try {
      await this.#records.destroy(deadline, known.key);
    } catch {
      await this.#records.destroy(deadline, known.key);
    }
    await this.#ends(deadline, known);
  }

  /** Whether this process ended that session lately, so that its cookie must not be renewed. */
  hasEnded(key: string): boolean {
    return this.#ended.has(key);
  }

  /** Marks the old record, bringing over what others changed in it meanwhile, and deletes it. */
  async #retire(
    deadline: Deadline,
    old: Versioned,
    created: CreatedSession,
    rewrite: Rewrite,
  ): Promise<CreatedSession> {
    const writeId = createWriteId();
    let newest = old;
    let moved = created;
    for (let attempt = 0, faults = 0; ; attempt++) {
      try {
        if (await this.#records.mark(deadline, newest, writeId)) break;
      } catch (error) {
        if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
      }
      const found = await this.#records.read(deadline, old.key);
      if (found && 'replacedBy' in found && found.replacedBy === writeId) break;
      newest = this.#requireLive(found);
      moved = {
        id: created.id,
        snapshot: await this.#overwrite(deadline, moved.snapshot.key, rewrite(newest)),
      };
      if (attempt > 0) await deadline.backOff(attempt);
    }
    await this.#records.destroy(deadline, old.key).catch(ignore);
    return moved;
  }

  /** Does what follows the end of a session. An entry that stays in its owner's list is only stale. */
  async #ends(deadline: Deadline, { key, record }: Snapshot): Promise<void> {
    this.#ended.add(key);
    if (record.owner === undefined) return;
    await this.owned.forget(deadline, record.owner, new Set([key])).catch(ignore);
  }

  /** Replaces a record whose id nobody else knows yet. */
  async #overwrite(deadline: Deadline, key: string, record: NewRecord): Promise<Snapshot> {
    const newest = await this.#newest(deadline, key);
    const written = await this.#records.replace(deadline, newest, record, createWriteId());
    if (written) return written;
    throw new SessionStoreUnavailableException(
      'The session store changed a record that nobody else can know. Check that it is not shared ' +
        'with a program that writes under the same prefix.',
    );
  }

  async #newest(deadline: Deadline, key: string): Promise<Versioned> {
    return this.#requireLive(await this.#records.read(deadline, key));
  }

  #requireLive(found: Snapshot | Replaced | undefined): Versioned {
    const fresh = isSnapshot(found) ? this.#fresh(found) : undefined;
    if (fresh) return fresh;
    throw new SessionGoneException();
  }

  /** The snapshot itself, if a compare-and-swap may start from it. */
  #fresh(known: Snapshot): Versioned | undefined {
    if (this.lifetimes.isOver(known.record, Date.now())) throw new SessionGoneException();
    return known.version === undefined ? undefined : (known as Versioned);
  }

  /** Reads for a request; what has outlived its absolute lifetime is removed. */
  async #live(deadline: Deadline, key: string, ttl: number): Promise<Snapshot | undefined> {
    const found = await this.#records.read(deadline, key, ttl);
    if (!isSnapshot(found)) return undefined;
    if (!this.lifetimes.isOver(found.record, Date.now())) return found;
    await this.#records.destroy(deadline, key).catch(ignore);
    return undefined;
  }

  #commitDeadline(): Deadline {
    return new Deadline(2 * this.#timeout);
  }
}

function ignore(): void {
  // The record is out of use and ends by itself.
}
