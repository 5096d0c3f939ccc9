import type { SessionObserver } from '../events/session-observer.js';
import { type AdapterMethods, BoundedAdapter } from './bounded-adapter.js';
import { Deadline } from './deadline.js';
import { EndedKeys } from './ended-keys.js';
import { KeyQueue } from './key-queue.js';
import { LifeCorrections } from './life-corrections.js';
import type { Lifetimes } from './lifetimes.js';
import { MoveMarks } from './move-marks.js';
import { OwnedSessions, type OwnersSessions } from './owned-sessions.js';
import { OwnerIndex } from './owner-index.js';
import type { OwnerLimit } from './owner-room.js';
import {
  type NewRecord,
  type OpenSession,
  RecordStore,
  type RecordStoreOptions,
  type Rewrite,
  type Snapshot,
  type VersionedSnapshot,
} from './record-store.js';
import { SessionCommitter } from './session-committer.js';
import { type Listing, SessionCreator } from './session-creator.js';
import type { SessionEnds } from './session-ends.js';
import { SessionEnder } from './session-ender.js';
import { isOpen, SessionFinder } from './session-finder.js';
import { SessionGoneException } from './session-gone.exception.js';
import { type Move, SessionMover } from './session-mover.js';
import { SessionTeller } from './session-teller.js';
import { TakeoverClaims } from './takeover-claims.js';
import { UnfinishedMoves } from './unfinished-moves.js';
import { UnlistedSessions } from './unlisted-sessions.js';

/** How sessions are kept. */
export interface SessionStoreOptions extends RecordStoreOptions, OwnerLimit {
  /** Stands before every key. */
  readonly prefix: string;
  /** Seconds after which a session gets a new id. */
  readonly renewAfter?: number | undefined;
  /** Is told of the sessions that are ended here. */
  readonly ends?: SessionEnds | undefined;
}

/**
 * Sessions over any adapter: opened by id, changed by compare-and-swap, moved to a new id,
 * destroyed. Every operation ends within its time, and knows of its own writes whose answers
 * were lost.
 */
export class SessionStore {
  /** The sessions of those who are logged in. */
  readonly owned: OwnersSessions;
  /** Undefined where no store keeps sessions. */
  readonly claims: TakeoverClaims | undefined;
  readonly unfinishedMoves: UnfinishedMoves;
  /** Who is told what becomes of sessions. */
  readonly observer: SessionObserver;
  readonly #records: RecordStore;
  readonly #finder: SessionFinder;
  readonly #corrections: LifeCorrections;
  readonly #creator: SessionCreator;
  readonly #mover: SessionMover;
  readonly #teller: SessionTeller;
  readonly #committer: SessionCommitter;
  readonly #ender: SessionEnder;
  readonly #moveQueue = new KeyQueue();
  readonly #ended: EndedKeys;
  readonly #options: SessionStoreOptions;

  constructor(adapter: AdapterMethods, options: SessionStoreOptions) {
    const { isCarried, prefix, storeTimeout } = options;
    const bounded = new BoundedAdapter(adapter, options);
    this.#options = options;
    this.#ended = new EndedKeys(options.ends);
    this.#records = new RecordStore(bounded, options);
    this.observer = this.#records.observer;
    this.owned = isCarried ? new UnlistedSessions() : this.#listed(bounded);
    this.claims = isCarried ? undefined : new TakeoverClaims(bounded, prefix, storeTimeout);
    this.#creator = new SessionCreator(this.#records, this.owned, options);
    this.#corrections = new LifeCorrections(this.#records, options);
    const marks = new MoveMarks(bounded, this.#records, this.#ended, storeTimeout);
    const unfinished = new UnfinishedMoves(marks, this.#creator, options);
    const commitQueue = new KeyQueue();
    this.#finder = new SessionFinder(this.#records, marks, unfinished, this.#corrections, prefix);
    this.#mover = new SessionMover(this.#records, marks, this.#creator, unfinished, commitQueue);
    this.unfinishedMoves = unfinished;
    this.#teller = new SessionTeller(this.observer, this.lifetimes);
    this.#committer = new SessionCommitter(this.#records, this.#finder, this.#teller, commitQueue);
    this.#ender = new SessionEnder({
      records: this.#records,
      finder: this.#finder,
      marks,
      unfinished,
      owned: this.owned,
      ended: this.#ended,
      teller: this.#teller,
      renewsIds: options.renewAfter !== undefined,
    });
  }

  /**
   * The application ends: what the store has not let be done is tried for a last time, within one
   * store timeout. After that nothing runs without a request.
   */
  async stop(): Promise<void> {
    const leftToDo = [this.unfinishedMoves, this.#corrections, this.#creator];
    await Promise.all(leftToDo.map((left) => left.stop()));
  }

  get lifetimes(): Lifetimes {
    return this.#records.lifetimes;
  }

  /** Milliseconds that one request may spend on storing. */
  get commitTime(): number {
    return 2 * this.#options.storeTimeout;
  }

  /**
   * The live session of an id, its life extended; undefined when the id opens none. An id that was
   * renewed a moment ago gives the session with its new id.
   *
   * @throws SessionStoreUnavailableException
   */
  open(id: string): Promise<OpenSession | undefined> {
    const deadline = new Deadline(this.#options.storeTimeout);
    return this.#finder.extend(deadline, id).then((found) => {
      if (!isOpen(found)) return this.#teller.refused(found);
      this.#teller.seen(found.snapshot);
      return found;
    });
  }

  /**
   * The same without extending its life.
   *
   * @param ms milliseconds until the store is taken not to answer
   */
  async peek(id: string, ms = this.#options.storeTimeout): Promise<OpenSession | undefined> {
    const found = await this.#finder.findSettled(new Deadline(ms), id);
    return isOpen(found) ? found : undefined;
  }

  /** Whether the id is old enough to be exchanged for a new one. */
  isRenewalDue({ record }: Snapshot): boolean {
    const { renewAfter = Number.POSITIVE_INFINITY } = this.#options;
    const issuedAt = Math.max(record.createdAt, record.loggedInAt ?? 0, record.renewedAt ?? 0);
    return Date.now() - issuedAt >= renewAfter * 1000;
  }

  /**
   * Stores a new session under an id of its own.
   *
   * @throws SessionStoreUnavailableException, SessionSerializationException, SessionLimitException
   */
  async create(deadline: Deadline, record: NewRecord, listing?: Listing): Promise<OpenSession> {
    const created = await this.#creator.create(deadline, record, listing);
    this.#teller.created(created);
    return created;
  }

  /** As `SessionCommitter` has it. */
  commit(deadline: Deadline, session: OpenSession, rewrite: Rewrite): Promise<OpenSession> {
    return this.#committer.commit(deadline, session, rewrite);
  }

  /**
   * Moves a session to a new id, with what `rewrite` makes of its newest record. What other
   * requests store before the old id ends comes along; what comes later is a conflict.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException; the old id stays valid
   */
  async move(
    deadline: Deadline,
    session: OpenSession,
    rewrite: Rewrite,
    how: Move,
  ): Promise<OpenSession> {
    const { key } = session.snapshot;
    try {
      return await this.#moveQueue.run(key, deadline, (waited) => {
        const isFresh = !waited && how.oldId !== 'stays';
        const base = isFresh ? this.#records.swapBase(session.snapshot) : undefined;
        return this.#moveFrom(deadline, session, base, rewrite, how);
      });
    } catch (error) {
      if (how.oldId === 'alias' || !(error instanceof SessionGoneException)) throw error;
      // Another request may have renewed the id meanwhile.
      const found = await this.#finder.find(deadline, session.id);
      if (!isOpen(found) || found.id === session.id) throw error;
      return this.move(deadline, found, rewrite, how);
    }
  }

  /** As `SessionEnder` has it, behind the moves of this session that are under way here. */
  destroy(deadline: Deadline, session: OpenSession): Promise<void> {
    const key = this.#ender.lastKey(session);
    return this.#moveQueue.run(key, deadline, () =>
      key === this.#ender.lastKey(session)
        ? this.#ender.destroy(deadline, session)
        : this.destroy(deadline, session),
    );
  }

  /** Whether this process ended that session lately, so that its cookie must not be renewed. */
  hasEnded(key: string): boolean {
    return this.#ended.has(key);
  }

  async #moveFrom(
    deadline: Deadline,
    session: OpenSession,
    base: VersionedSnapshot | undefined,
    rewrite: Rewrite,
    how: Move,
  ): Promise<OpenSession> {
    const { snapshot: from } = session;
    const moved = await this.#mover.move(deadline, session, base, rewrite, how);
    if (how.oldId === 'alias') this.#options.ends?.follow(from.key, moved.snapshot.key);
    if (how.oldId !== 'stays') {
      this.#ender.noteMove(from.key, moved);
      await this.#unlist(deadline, from);
    }
    this.#teller.renewed(from, moved, how.oldId);
    return moved;
  }

  #listed(adapter: BoundedAdapter): OwnedSessions {
    const index = new OwnerIndex(adapter, this.#options.prefix, this.lifetimes.absolute);
    return new OwnedSessions(this.#records, index, this.#options, (key) => this.#ended.add(key));
  }

  /** An entry that stays in its owner's list is only stale. */
  async #unlist(deadline: Deadline, { key, record }: Snapshot): Promise<void> {
    if (record.owner === undefined) return;
    await this.owned.forget(deadline, record.owner, key).catch(ignore);
  }
}

function ignore(): void {
  // What was to go is out of use, and ends by itself.
}
