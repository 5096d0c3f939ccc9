import type { RecordVersion, StoredRecord } from '../adapters/session-adapter.js';
import {
  type EachField,
  parseRecord,
  type Replaced,
  type SessionRecord,
  serializeRecord,
} from '../record/record.js';
import { appendWrite, EMPTY_WRITE_LOG } from '../record/write-log.js';
import type { SessionSerializer } from '../interfaces/session-serializer.interface.js';
import { CHANNELS_ONLY, type SessionObserver } from '../events/session-observer.js';
import type { BoundedAdapter, CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import { Lifetimes } from './lifetimes.js';
import { OwnLifetimes } from './own-lifetimes.js';
import { RareWarning } from './rare-warning.js';
import { SessionGoneException } from './session-gone.exception.js';

/** What the store was last known to hold under a key. */
export interface Snapshot {
  readonly key: string;
  readonly data: string;
  readonly record: SessionRecord;
  /** Missing after a write of our own: the store does not tell the new one. */
  readonly version?: RecordVersion;
}

/** What a compare-and-swap may start from. */
export type VersionedSnapshot = Snapshot & { readonly version: RecordVersion };

/** A record that this writer is about to store, without the log of writes. */
export type NewRecord = Omit<SessionRecord, 'writes'>;

/** The mark under an old key that leads on to a session until its client has the new id. */
export interface LeftMark {
  readonly key: string;
  readonly mark: Replaced;
}

/** A stored session with the id that opens it. */
export interface OpenSession {
  readonly id: string;
  readonly snapshot: Snapshot;
  /** To be settled when the client has that id. */
  readonly left?: readonly LeftMark[] | undefined;
}

/** What stands under a key and is no record that we can read. */
export interface Unreadable {
  readonly isUnreadable: true;
}

/** A mark as it was read. */
export type FoundMark = Replaced & { readonly version: RecordVersion };

/** What a read can come upon. */
export type Stored = Snapshot | FoundMark | Unreadable | undefined;

/** Makes the record to store out of the newest one; may be asked again for a newer one. */
export type Rewrite = (newest: Snapshot) => NewRecord;

/** How records are kept. */
export interface RecordStoreOptions extends CallOptions {
  /** Idle seconds. */
  readonly lifetime: number;
  /** Seconds, or false for no end. */
  readonly absoluteLifetime: number | false;
  readonly serializer?: SessionSerializer | undefined;
  /**
   * Whether each client carries its own record. Then no answer of the store can be lost, so no
   * writes are logged, and owners' sessions are not listed.
   */
  readonly isCarried?: boolean | undefined;
  /** The warning of records that cannot be read, where several stores share one. */
  readonly unreadable?: RareWarning | undefined;
}

const UNREADABLE: Unreadable = { isUnreadable: true };
const UNREADABLE_WARNING =
  'A stored session cannot be read: it is corrupt, was copied from another key, or was written ' +
  'by another program, version or serializer. It is left where it is and counts as no session.';
/** Writes younger than this many store timeouts stay in the record's log. */
const LOGGED_TIMEOUTS = 3;

/**
 * Records in and out of an adapter: single steps, each bounded in time, without retries. Those of
 * every request are written with `then`: an async function would add a promise.
 */
export class RecordStore {
  readonly lifetimes: Lifetimes;
  readonly ownLifetimes = new OwnLifetimes();
  readonly observer: SessionObserver;
  readonly #adapter: BoundedAdapter;
  readonly #options: RecordStoreOptions;
  readonly #unreadable: RareWarning;

  constructor(adapter: BoundedAdapter, options: RecordStoreOptions) {
    this.#options = options;
    this.#adapter = adapter;
    this.observer = options.observer ?? CHANNELS_ONLY;
    this.lifetimes = new Lifetimes(options.lifetime, options.absoluteLifetime);
    this.#unreadable = options.unreadable ?? new RareWarning(UNREADABLE_WARNING);
  }

  /**
   * The live session under a key, or the mark of one that was exchanged. What cannot be read as a
   * record is left where it is and counts as none.
   *
   * @param ttl seconds that its life is extended to
   */
  read(deadline: Deadline, key: string, ttl?: number): Promise<Stored> {
    return this.#adapter.read(deadline, key, ttl).then((stored) => this.#found(key, stored));
  }

  /** As `read` for each key, in their order; nobody's life is extended. */
  async readMany(deadline: Deadline, keys: readonly string[]): Promise<Stored[]> {
    const stored = await this.#adapter.readMany(deadline, keys);
    return keys.map((key, index) => this.#found(key, stored[index]));
  }

  /** Whether a session has not come to its absolute end. */
  isLive(found: Stored): found is Snapshot {
    return isSnapshot(found) && !this.lifetimes.isOver(found.record, Date.now());
  }

  /**
   * The newest record, to write over.
   *
   * @throws SessionConflictException when there is none that lives
   */
  async newest(deadline: Deadline, key: string): Promise<VersionedSnapshot> {
    return this.requireNewest(await this.read(deadline, key));
  }

  /**
   * The snapshot itself, if a compare-and-swap may start from it.
   *
   * @throws SessionConflictException when its session has come to its absolute end
   */
  swapBase(known: Snapshot): VersionedSnapshot | undefined {
    if (!this.isLive(known)) throw new SessionGoneException();
    return hasVersion(known) ? known : undefined;
  }

  /** What was read, if it can be written over. */
  requireNewest(found: Stored): VersionedSnapshot {
    if (this.isLive(found) && hasVersion(found)) return found;
    throw new SessionGoneException();
  }

  /** Undefined: the key is taken. */
  create(
    deadline: Deadline,
    key: string,
    record: SessionRecord,
    writeId: string,
  ): Promise<Snapshot | undefined> {
    const now = Date.now();
    const snapshot = this.#written(key, record, record.writes, writeId, now);
    const ttl = this.lifetimes.ttl(record, now);
    const creating = this.#adapter.create(deadline, key, snapshot.data, ttl);
    return creating.then((isCreated) => (isCreated ? this.#noted(snapshot) : undefined));
  }

  /** Undefined: what stands there is no longer what `newest` says. */
  replace(
    deadline: Deadline,
    newest: VersionedSnapshot,
    record: NewRecord,
    writeId: string,
  ): Promise<Snapshot | undefined> {
    const now = Date.now();
    const { key, version } = newest;
    const snapshot = this.#written(key, record, newest.record.writes, writeId, now);
    const ttl = this.lifetimes.ttl(record, now);
    const updating = this.#adapter.update(deadline, key, snapshot.data, ttl, version);
    return updating.then((isUpdated) => (isUpdated ? this.#noted(snapshot) : undefined));
  }

  destroy(deadline: Deadline, key: string): Promise<void> {
    this.ownLifetimes.forget(key);
    return this.#adapter.destroy(deadline, key);
  }

  destroyMany(deadline: Deadline, keys: readonly string[]): Promise<void> {
    return this.#adapter.destroyMany(deadline, keys);
  }

  #found(key: string, stored: StoredRecord | undefined): Stored {
    if (!stored) return undefined;
    const { data, version } = stored;
    const record = this.#parse(key, data);
    if ('writes' in record) return this.#noted({ key, data, version, record });
    return 'replacedBy' in record ? { ...record, version } : record;
  }

  /** Takes note of the lifetime of what the store holds now. */
  #noted(snapshot: Snapshot): Snapshot {
    if (!this.#options.isCarried) this.ownLifetimes.note(snapshot.key, snapshot.record);
    return snapshot;
  }

  #written(key: string, record: NewRecord, writes: string, writeId: string, now: number): Snapshot {
    const { storeTimeout, isCarried } = this.#options;
    const keptMs = LOGGED_TIMEOUTS * storeTimeout;
    const { createdAt, owner, loggedInAt, renewedAt, lifetime, variables } = record;
    const log = isCarried ? EMPTY_WRITE_LOG : appendWrite(writes, writeId, now, keptMs);
    const fields = { createdAt, owner, loggedInAt, renewedAt, lifetime, writes: log, variables };
    const logged: EachField<SessionRecord> = fields;
    return { key, record: logged, data: serializeRecord(key, logged, this.#options.serializer) };
  }

  #parse(key: string, data: string): SessionRecord | Replaced | Unreadable {
    try {
      return parseRecord(key, data, this.#options.serializer);
    } catch {
      this.#unreadable.warn();
      return UNREADABLE;
    }
  }
}

/** Whether there is a session, and not the mark of an exchanged id. */
export function isSnapshot(found: Stored): found is Snapshot {
  return found !== undefined && 'record' in found;
}

/** Whether a snapshot is what the store holds, and not what this writer made of it. */
export function hasVersion(snapshot: Snapshot): snapshot is VersionedSnapshot {
  return snapshot.version !== undefined;
}
