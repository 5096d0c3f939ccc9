import type { Unit } from '../record/changes.js';
import { type Updater, updateVariable } from '../record/update-variable.js';
import type { Deadline } from './deadline.js';
import { KnownSession } from './known-session.js';
import { LeftMarks } from './left-marks.js';
import { type Alteration, loginOf, PendingWrite, type RecordOver } from './pending-write.js';
import type { OpenSession } from './record-store.js';
import type { Listing } from './session-creator.js';
import { SessionGoneException } from './session-gone.exception.js';
import type { Move } from './session-mover.js';
import { requireStored } from './session-phase.js';
import type { SessionStore } from './session-store.js';
import { Turns, type Within } from './turns.js';

/**
 * One session during one request: opened once, its changes committed, moved to a new id, destroyed.
 * Whatever waits for the store runs one after the other.
 */
export class SessionLife extends KnownSession {
  readonly #turns: Turns;
  readonly #left: LeftMarks;
  #isDestroyed = false;

  /** @param scope what the full names of this application's variables begin with */
  constructor(store: SessionStore, scope: string, within?: Within) {
    super(store, scope);
    this.#left = new LeftMarks(store);
    this.#turns = new Turns(store.commitTime, store.observer, within);
  }

  /** Whether the session is known to have ended since, or to have got another id. */
  get isIdOutdated(): boolean {
    return this.#left.isOutdated(this.id);
  }

  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  get hasStoreFailed(): boolean {
    return this.#turns.hasStoreFailed;
  }

  /** Opens the session of an id, or begins anew. */
  open(id: string): Promise<void> {
    const opening = this.store.observer.follow('session.start', () => this.store.open(id));
    return opening.then(
      (session) => {
        this.usedAt = Date.now();
        if (session === undefined) return this.beginAnew();
        this.goOnWith(session);
        this.#left.add(session);
      },
      (error: unknown) => this.#turns.fail(error),
    );
  }

  /** Reads the session again and drops what was not stored; all stays where that fails. */
  reload(): Promise<void> {
    return this.#turns.take('session.reload', async () =>
      this.isStored ? this.open(this.id) : this.beginAnew(),
    );
  }

  /**
   * Whether something is to be stored (see `commit`), or on its way to the store: an answer waits for
   * that, whether or not the application does. A new session that is empty is not stored.
   */
  hasChanges(tellsId = false): boolean {
    return this.#turns.areTaken || (tellsId && this.#left.areToSettle) || this.isChanged;
  }

  /**
   * Gives the store every change made until now; when none is left, the marks of old ids are
   * settled.
   *
   * @param tellsId whether an answer that tells the client its id leaves as soon as that is done
   * @throws SessionConflictException, SessionStoreUnavailableException,
   * SessionSerializationException; the changes stay with the session
   */
  commit(tellsId = false): Promise<void> {
    return this.#turns.take('session.commit', async (deadline) => {
      if (this.isChanged) await this.#write(deadline);
      if (!tellsId || !this.#left.areToSettle || this.isChanged) return;
      await this.#left.settle(deadline, this.id);
    });
  }

  /**
   * Looks whether the session still has its id, see `isIdOutdated`.
   *
   * @param ms milliseconds until the store is taken not to answer
   * @throws SessionStoreUnavailableException
   */
  confirmId(ms: number): Promise<void> {
    return this.#left.confirm(ms, this.id);
  }

  /**
   * Commits with one value that `updater` makes out of the newest one; it may run several times.
   *
   * @returns what was stored; the same errors as `commit`, and what `updater` throws
   */
  update(unit: Unit, label: string, updater: Updater): Promise<unknown> {
    return this.#turns.take('session.update', async (deadline) => {
      let result: unknown;
      await this.#write(deadline, {
        updated: unit,
        variables: (variables) => {
          result = updateVariable(variables, unit, label, updater);
        },
      });
      this.values.adopt(unit, result);
      return result;
    });
  }

  /**
   * Commits under a new id. A session that was never stored gets its first id when it is.
   *
   * @param deleteOld whether the old id opens nothing afterwards
   */
  regenerate(deleteOld: boolean): Promise<void> {
    return this.#turns.take('session.regenerate', async (deadline) => {
      if (this.phase.kind === 'new') return;
      await this.#move(deadline, { oldId: deleteOld ? 'ends' : 'stays' });
    });
  }

  /** Gives a session whose renewal is due a new id. If that does not work out, it goes on as it is. */
  async renew(): Promise<void> {
    try {
      await this.#turns.take(
        'session.renew',
        (deadline) =>
          this.#move(deadline, { oldId: 'alias' }, { facts: { renewedAt: Date.now() } }),
        'always',
      );
    } catch (error) {
      // Another request was first: it has renewed the id, which leads on, or ended the session.
      if (error instanceof SessionGoneException) await this.open(this.id);
    }
  }

  /**
   * Commits under a new id as the session of `owner`, with its clocks started anew.
   *
   * @param drop full names of variables that do not come along
   * @param info what the owner's list keeps beside the session
   */
  login(owner: string, drop: readonly string[], info: Listing['info']): Promise<void> {
    return this.#turns.take('session.login', async (deadline) => {
      const login = loginOf(owner, drop);
      const begin = (rewrite: RecordOver) => this.store.create(deadline, rewrite(), { info });
      if (this.phase.kind === 'new') await this.#writeWith(begin, login);
      else await this.#move(deadline, { oldId: 'ends', info }, login);
      for (const name of drop) this.values.adopt({ name }, undefined);
    });
  }

  /** Ends the session, after `before`; what follows is a new one, begun by its first change. */
  destroy(before?: () => Promise<void> | undefined): Promise<void> {
    return this.#turns.take('session.destroy', async (deadline) => {
      await before?.();
      const { isGone } = this;
      if (this.phase.kind !== 'new') await this.store.destroy(deadline, this.phase);
      this.#isDestroyed ||= !isGone;
      this.beginAnew();
    });
  }

  protected override beginAnew(): void {
    this.#left.forget();
    super.beginAnew();
  }

  #write(deadline: Deadline, alteration?: Alteration): Promise<void> {
    return this.#writeWith((rewrite) => {
      const phase = this.phase;
      if (phase.kind !== 'new') return this.store.commit(deadline, requireStored(phase), rewrite);
      const record = rewrite();
      return record.variables.size > 0 ? this.store.create(deadline, record) : undefined;
    }, alteration);
  }

  #move(deadline: Deadline, how: Move, alteration?: Alteration): Promise<void> {
    return this.#writeWith(
      (rewrite) => this.store.move(deadline, requireStored(this.phase), rewrite, how),
      alteration,
    );
  }

  /** Has the changes stored, and keeps them if that fails. */
  async #writeWith(
    store: (rewrite: RecordOver) => Promise<OpenSession> | undefined,
    alteration: Alteration = {},
  ): Promise<void> {
    const write = new PendingWrite(this.values, this.facts, alteration, this.store.observer);
    try {
      const stored = await store((newest) => write.recordOver(newest));
      this.usedAt = Date.now();
      if (stored === undefined) return write.giveUp();
      write.succeed(stored.snapshot);
      this.#left.add(stored, stored.id !== this.id);
      this.phase = { kind: 'stored', id: stored.id, snapshot: stored.snapshot };
    } catch (error) {
      write.giveUp();
      if (error instanceof SessionGoneException && this.phase.kind === 'stored') {
        this.phase = { ...this.phase, kind: 'gone' };
        write.tellOfConflict(this.key);
      }
      throw error;
    }
  }
}
