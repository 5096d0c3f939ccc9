import type { RecordVersion } from '../adapters/session-adapter.js';
import {
  SessionConflictException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import { createId, createWriteId, sessionKey } from '../record/ids.js';
import { hasWrite } from '../record/write-log.js';
import type { Replaced } from '../record/record.js';
import type { AdapterMethods } from './bounded-adapter.js';
import { Deadline } from './deadline.js';
import { EndedKeys } from './ended-keys.js';
import { KeyQueue } from './key-queue.js';
import type { Lifetimes } from './lifetimes.js';
import {
  type NewRecord,
  RecordStore,
  type RecordStoreOptions,
  type Snapshot,
} from './record-store.js';

/** Makes the record to store out of the newest one; may be asked again for a newer one. */
export type Rewrite = (newest: Snapshot) => NewRecord;

/** A stored session with the id that opens it. */
export interface CreatedSession {
  readonly id: string;
  readonly snapshot: Snapshot;
}

type Versioned = Snapshot & { readonly version: RecordVersion };

/** How often a commit tries again after the store failed, before it passes the fault on. */
const MAX_FAULTS = 3;

/**
 * Sessions over any adapter: opened by id, changed by compare-and-swap, moved to a new id,
 * destroyed. Every operation ends within its time, and knows of its own writes whose answers
 * were lost.
 */
export class SessionStore {
  readonly #records: RecordStore;
  readonly #queue = new KeyQueue();
  readonly #ended = new EndedKeys();
  readonly #prefix: string;
  readonly #timeout: number;

  constructor(adapter: AdapterMethods, options: RecordStoreOptions) {
    this.#records = new RecordStore(adapter, options);
    this.#prefix = options.prefix;
    this.#timeout = options.storeTimeout;
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
  create(record: NewRecord): Promise<CreatedSession> {
    return this.#create(this.#commitDeadline(), record);
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
  regenerate(known: Snapshot, rewrite: Rewrite, deleteOld: boolean): Promise<CreatedSession> {
    const { key } = known;
    const deadline = this.#commitDeadline();
    return this.#queue.run(key, deadline, async (waited) => {
      const fresh = waited || !deleteOld ? undefined : this.#fresh(known);
      const newest = fresh ?? (await this.#newest(deadline, key));
      const created = await this.#create(deadline, rewrite(newest));
      if (!deleteOld) return created;
      try {
        const moved = await this.#retire(deadline, newest, created, rewrite);
        this.#ended.add(key);
        return moved;
      } catch (error) {
        await this.#records.destroy(deadline, created.snapshot.key).catch(ignore);
        throw error;
      }
    });
  }

  /**
   * Removes a session for good.
   *
   * @throws SessionStoreUnavailableException
   */
  async destroy(key: string): Promise<void> {
    const deadline = this.#commitDeadline();
    try {
      await this.#records.destroy(deadline, key);
    } catch {
      await this.#records.destroy(deadline, key);
    }
    this.#ended.add(key);
  }

  /** Whether this process ended that session lately, so that its cookie must not be renewed. */
  hasEnded(key: string): boolean {
    return this.#ended.has(key);
  }

  async #create(deadline: Deadline, record: NewRecord): Promise<CreatedSession> {
    const writeId = createWriteId();
    let id = createId();
    for (let attempt = 0, faults = 0; ; attempt++) {
      const key = sessionKey(this.#prefix, id);
      try {
        const snapshot = await this.#records.create(deadline, key, record, writeId);
        if (snapshot) return { id, snapshot };
      } catch (error) {
        if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
      }
      const found = await this.#records.read(deadline, key);
      if (isSnapshot(found) && hasWrite(found.record.writes, writeId)) {
        return { id, snapshot: found };
      }
      id = createId();
      if (attempt > 0) await deadline.backOff(attempt);
    }
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
      moved = { id: created.id, snapshot: await this.#overwrite(deadline, moved.snapshot.key, rewrite(newest)) };
      if (attempt > 0) await deadline.backOff(attempt);
    }
    await this.#records.destroy(deadline, old.key).catch(ignore);
    return moved;
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

/** What a request gets that would write to a session which has ended meanwhile. */
export class SessionGoneException extends SessionConflictException {
  constructor() {
    super(
      'The session was destroyed, revoked, given a new id or expired while this request ran, so ' +
        'its changes were not stored. Repeat the request.',
    );
  }

  override get name(): string {
    return SessionConflictException.name;
  }
}

/** A store that failed may still have done what it was asked. */
function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof SessionStoreUnavailableException;
}

function isSnapshot(found: Snapshot | Replaced | undefined): found is Snapshot {
  return found !== undefined && 'record' in found;
}

function ignore(): void {
  // The record is out of use and ends by itself.
}
