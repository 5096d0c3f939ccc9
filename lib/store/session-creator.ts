import { createId, sessionKey } from '../record/ids.js';
import type { SessionRecord } from '../record/record.js';
import { createWriteId, EMPTY_WRITE_LOG, hasWrite } from '../record/write-log.js';
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
import { SessionGoneException } from './session-gone.exception.js';

/** What the list of the owner says of a new session. */
export interface Listing extends Origin {
  /** What the application keeps beside it. */
  readonly info?: Readonly<Record<string, string>> | undefined;
}

/** Stores new sessions, each under an id that nobody else has. */
export class SessionCreator {
  readonly #records: RecordStore;
  readonly #owned: OwnersSessions;
  readonly #prefix: string;

  constructor(records: RecordStore, owned: OwnersSessions, prefix: string) {
    this.#records = records;
    this.#owned = owned;
    this.#prefix = prefix;
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
  async discard(deadline: Deadline, { snapshot }: OpenSession): Promise<void> {
    await this.#records.destroy(deadline, snapshot.key);
    await this.#unlist(deadline, snapshot);
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
    try {
      if (await this.#owned.confirm(deadline, record.owner, key, origin)) return;
    } catch (error) {
      await this.discard(deadline, created).catch(ignore);
      throw error;
    }
    await this.discard(deadline, created).catch(ignore);
    throw new SessionGoneException();
  }

  /** What the store has refused is on no list; what it may have taken stays there. */
  async #failListed(
    deadline: Deadline,
    refused: { readonly key: string; readonly record: NewRecord },
    error: unknown,
  ): Promise<never> {
    if (!isOutcomeUnknown(error)) await this.#unlist(deadline, refused).catch(ignore);
    throw error;
  }

  async #unlist(
    deadline: Deadline,
    { key, record }: { readonly key: string; readonly record: NewRecord },
  ): Promise<void> {
    if (record.owner !== undefined) {
      await this.#owned.forget(deadline, record.owner, new Set([key]));
    }
  }
}

function ignore(): void {
  // An entry without a session is only stale, and a session whose id nobody has ends by itself.
}
