import { createId, sessionKey } from '../record/ids.js';
import type { SessionRecord } from '../record/record.js';
import { createWriteId, EMPTY_WRITE_LOG, hasWrite } from '../record/write-log.js';
import type { CallOptions } from './bounded-adapter.js';
import type { Deadline } from './deadline.js';
import { isOutcomeUnknown, MAX_FAULTS } from './outcome.js';
import type { Origin, OwnersSessions } from './owned-sessions.js';
import {
  isSnapshot,
  type NewRecord,
  type OpenSession,
  type RecordStore,
  type Snapshot,
} from './record-store.js';
import { Retries } from './retries.js';
import { SessionGoneException } from './session-gone.exception.js';

/** What the list of the owner says of a new session. */
export interface Listing extends Origin {
  /** What the application keeps beside it. */
  readonly info?: Readonly<Record<string, string>> | undefined;
}

/** A session that is listed, and may be stored. */
interface Listed {
  readonly key: string;
  readonly record: NewRecord;
}

/** Stores new sessions, each under an id that nobody else has. */
export class SessionCreator {
  readonly #records: RecordStore;
  readonly #owned: OwnersSessions;
  readonly #prefix: string;
  /** What is listed or stored though its request was refused. */
  readonly #refused: Retries;

  /** @param options `prefix` stands before every key */
  constructor(
    records: RecordStore,
    owned: OwnersSessions,
    options: CallOptions & { readonly prefix: string },
  ) {
    this.#records = records;
    this.#owned = owned;
    this.#prefix = options.prefix;
    this.#refused = new Retries(options);
  }

  /** @throws SessionStoreUnavailableException, SessionSerializationException, SessionLimitException */
  async create(
    deadline: Deadline,
    record: NewRecord,
    listing: Listing = {},
    writes = EMPTY_WRITE_LOG,
  ): Promise<OpenSession> {
    for (let attempt = 0; ; attempt++) {
      const id = createId();
      const key = sessionKey(this.#prefix, id);
      await this.#list(deadline, key, record, listing);
      const isLastAttempt = attempt + 1 === MAX_FAULTS;
      const snapshot = await this.#store(deadline, key, { ...record, writes }, isLastAttempt).catch(
        (error: unknown) => this.#failListed(deadline, { key, record }, error),
      );
      if (snapshot) {
        const created = { id, snapshot };
        await this.#confirmListed(deadline, created, listing);
        return created;
      }
      await this.#unlist(deadline, { key, record });
      if (attempt > 0) await deadline.backOff(attempt);
    }
  }

  /**
   * Takes back a session that nobody knows yet; may be asked again.
   *
   * @throws SessionStoreUnavailableException
   */
  async discard(deadline: Deadline, refused: Listed): Promise<void> {
    await this.#records.destroy(deadline, refused.key);
    await this.#unlist(deadline, refused);
  }

  /** The application ends: what was refused and is still there is removed, if the store lets it. */
  stop(): Promise<void> {
    return this.#refused.stop();
  }

  /** Undefined: the key is taken, or the store failed and did not do it. */
  async #store(
    deadline: Deadline,
    key: string,
    record: SessionRecord,
    isLastAttempt: boolean,
  ): Promise<Snapshot | undefined> {
    const writeId = createWriteId();
    try {
      return await this.#records.create(deadline, key, record, writeId);
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      const found = await this.#records.read(deadline, key);
      if (isSnapshot(found) && hasWrite(found.record.writes, writeId)) return found;
      if (isLastAttempt) throw error;
      // It may yet come.
      if (found === undefined) this.#removeLater({ key, record });
      return undefined;
    }
  }

  /** A session with an owner is listed before its record stands, so that none is ever unlisted. */
  async #list(
    deadline: Deadline,
    key: string,
    { owner, createdAt, loggedInAt = createdAt }: NewRecord,
    { info, ...origin }: Listing,
  ): Promise<void> {
    if (owner === undefined) return;
    const entry = { key, createdAt, loggedInAt, listedAt: Date.now(), info };
    await this.#owned.announce(deadline, owner, entry, origin);
  }

  /** If it is off the list when its record stands, the owner's sessions were ended meanwhile. */
  async #confirmListed(deadline: Deadline, created: OpenSession, origin: Origin): Promise<void> {
    const { key, record } = created.snapshot;
    if (record.owner === undefined) return;
    const remove = (current: Deadline): Promise<void> => this.discard(current, created.snapshot);
    try {
      if (await this.#owned.confirm(deadline, record.owner, key, origin)) return;
    } catch (error) {
      await this.#refused.tryNow(deadline, key, remove);
      throw error;
    }
    await this.#refused.tryNow(deadline, key, remove);
    throw new SessionGoneException();
  }

  /**
   * A record that the store has refused goes off the list. One that it may have stored, or may yet
   * store, stays listed until a retry has removed it.
   */
  async #failListed(deadline: Deadline, refused: Listed, error: unknown): Promise<never> {
    if (isOutcomeUnknown(error)) this.#removeLater(refused);
    else await this.#unlist(deadline, refused).catch(ignore);
    throw error;
  }

  #removeLater(refused: Listed): void {
    this.#refused.add(refused.key, (current) => this.discard(current, refused));
  }

  async #unlist(deadline: Deadline, { key, record }: Listed): Promise<void> {
    if (record.owner !== undefined) {
      await this.#owned.forget(deadline, record.owner, key);
    }
  }
}

function ignore(): void {
  // An entry without a session is only stale.
}
