import type { Changes, Unit } from '../record/changes.js';
import type { Variables } from '../record/record.js';
import { SessionValues } from '../record/session-values.js';
import { type Updater, updateVariable } from '../record/update-variable.js';
import type { NewRecord, OpenSession, Snapshot } from './record-store.js';
import type { Listing } from './session-creator.js';
import { SessionGoneException } from './session-gone.exception.js';
import type { Move } from './session-mover.js';
import type { SessionStore } from './session-store.js';
import { Turns } from './turns.js';

/** What is known of a session besides its variables. */
export type SessionFacts = Omit<NewRecord, 'variables'>;

/** Makes the record to store out of the newest one, if there is one. */
type Rewriting = (newest?: Snapshot) => NewRecord;

/** Where a session stands during one request. */
type Phase =
  | (SessionFacts & { readonly kind: 'new' })
  | { readonly kind: 'stored'; readonly id: string; readonly snapshot: Snapshot }
  /** It ended while this request ran: nothing of this request is stored any more. */
  | { readonly kind: 'gone'; readonly id: string; readonly snapshot: Snapshot };

/**
 * One session during one request: opened once, its changes committed, moved to a new id, destroyed.
 * Whatever waits for the store runs one after the other.
 */
export class SessionLife {
  readonly #store: SessionStore;
  readonly #scope: string;
  #phase: Phase = { kind: 'new', createdAt: Date.now() };
  #values: SessionValues;
  readonly #turns = new Turns();
  #usedAt = Date.now();
  #isDestroyed = false;

  /** @param scope what the full names of this application's variables begin with */
  constructor(store: SessionStore, scope: string) {
    this.#store = store;
    this.#scope = scope;
    this.#values = new SessionValues(scope);
  }

  get values(): SessionValues {
    return this.#values;
  }

  /** Empty as long as nothing is stored. */
  get id(): string {
    return this.#phase.kind === 'new' ? '' : this.#phase.id;
  }

  /** Empty as long as nothing is stored. */
  get key(): string {
    return this.#phase.kind === 'new' ? '' : this.#phase.snapshot.key;
  }

  get isStored(): boolean {
    return this.#phase.kind === 'stored';
  }

  /** Whether the session ended under this request, so that its cookie is not ours to send. */
  get isGone(): boolean {
    return this.#phase.kind === 'gone' || this.#store.hasEnded(this.key);
  }

  /** Whether this request destroyed a session. */
  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** Times in milliseconds since 1970, the session's own lifetime in seconds, and its owner. */
  get facts(): SessionFacts {
    const known = this.#phase.kind === 'new' ? this.#phase : this.#phase.snapshot.record;
    return { ...factsOf(known), lifetime: this.#values.lifetime ?? known.lifetime };
  }

  /** When the session ends if it is not used again, in milliseconds since 1970. */
  get expiresAt(): number {
    return this.#store.lifetimes.expiresAt(this.facts, this.#usedAt);
  }

  /** Whole seconds that the session lives from now on if it is not used again. */
  get ttl(): number {
    return this.#store.lifetimes.ttl(this.facts, Date.now());
  }

  /** Opens the session of an id, or begins a new one where it opens none. */
  async open(id: string): Promise<void> {
    const session = await this.#store.open(id);
    this.#usedAt = Date.now();
    if (session === undefined) return;
    const { record, data } = session.snapshot;
    this.#phase = { kind: 'stored', ...session };
    this.#values = new SessionValues(this.#scope, record.variables, data);
  }

  /**
   * Whether there is something to store, or something on its way to the store: an answer waits for
   * that, whether or not the application does. A new session that is empty is not stored.
   */
  hasChanges(): boolean {
    return this.#turns.areTaken || this.#isChanged();
  }

  /**
   * Gives the store every change made until now.
   *
   * @throws SessionConflictException, SessionStoreUnavailableException, SessionSerializationException;
   * the changes stay with the session
   */
  commit(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#isChanged()) await this.#write();
    });
  }

  /**
   * Commits with one value that `updater` makes out of the newest one; it may run several times.
   *
   * @returns what was stored; the same errors as `commit`, and what `updater` throws
   */
  update(unit: Unit, label: string, updater: Updater): Promise<unknown> {
    return this.#turns.take(async () => {
      let result: unknown;
      await this.#write((variables) => {
        result = updateVariable(variables, unit, label, updater);
      });
      this.#values.adopt(unit, result);
      return result;
    });
  }

  /**
   * Commits under a new id. A session that was never stored gets its first id when it is.
   *
   * @param deleteOld whether the old id opens nothing afterwards
   */
  regenerate(deleteOld: boolean): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#phase.kind !== 'new') await this.#move({ oldId: deleteOld ? 'ends' : 'stays' });
    });
  }

  /**
   * Gives a session whose id has been in use for long a new one. Where that does not work out now,
   * it goes on as it is.
   */
  renewIfDue(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#phase.kind !== 'stored' || !this.#store.isRenewalDue(this.#phase.snapshot)) return;
      const { id } = this.#phase;
      try {
        await this.#move({ oldId: 'alias' }, undefined, { renewedAt: Date.now() });
      } catch (error) {
        // Another request was first: its new id is ours too.
        if (error instanceof SessionGoneException) await this.open(id);
      }
    });
  }

  /**
   * Commits under a new id as the session of `owner`, with its clocks started anew.
   *
   * @param drop full names of variables that do not come along
   * @param info what the owner's list keeps beside the session
   */
  login(owner: string, drop: readonly string[], info: Listing['info']): Promise<void> {
    const forget = (variables: Variables): void => drop.forEach((name) => variables.delete(name));
    return this.#turns.take(async () => {
      const facts = { owner, loggedInAt: Date.now() };
      if (this.#phase.kind !== 'new') await this.#move({ oldId: 'ends', info }, forget, facts);
      else
        await this.#writeWith((rewrite) => this.#store.create(rewrite(), { info }), forget, facts);
      for (const name of drop) this.#values.adopt({ name }, undefined);
    });
  }

  /** Ends the session; what follows is a new one, begun by its first change. */
  destroy(): Promise<void> {
    return this.#turns.take(async () => {
      const { isGone } = this;
      if (this.#phase.kind === 'stored') await this.#store.destroy(this.#phase);
      this.#isDestroyed ||= !isGone;
      this.#phase = { kind: 'new', createdAt: Date.now() };
      this.#values = new SessionValues(this.#scope);
    });
  }

  #isChanged(): boolean {
    return this.#phase.kind === 'new' ? !this.#values.isEmpty : this.#values.hasChanges();
  }

  #write(alter?: (variables: Variables) => void): Promise<void> {
    return this.#writeWith(async (rewrite) => {
      if (this.#phase.kind === 'new') return this.#create(rewrite);
      return this.#store.commit(this.#requireStored(), rewrite);
    }, alter);
  }

  async #create(rewrite: Rewriting): Promise<OpenSession | undefined> {
    const record = rewrite();
    return record.variables.size > 0 ? this.#store.create(record) : undefined;
  }

  #move(
    how: Move,
    alter?: (variables: Variables) => void,
    facts?: Partial<SessionFacts>,
  ): Promise<void> {
    return this.#writeWith(
      async (rewrite) => this.#store.move(this.#requireStored(), rewrite, how),
      alter,
      facts,
    );
  }

  /**
   * Takes the changes, has them stored, and keeps them if that fails. The first time they are
   * taken the variables of this request may serve as they are; after that the changes are replayed.
   *
   * @param alter changes more than was recorded, on variables that are its own
   * @param facts what else the record is to say
   */
  async #writeWith(
    store: (rewrite: Rewriting) => Promise<OpenSession | undefined>,
    alter?: (variables: Variables) => void,
    facts?: Partial<SessionFacts>,
  ): Promise<void> {
    const values = this.#values;
    let taken: Changes | undefined;
    let isReplayed = false;
    const rewrite = (newest?: Snapshot): NewRecord => {
      const own = taken === undefined ? values.storedOver(newest?.data) : undefined;
      taken ??= values.take();
      isReplayed = own === undefined;
      let variables = own ?? newest?.record.variables ?? new Map<string, unknown>();
      if (isReplayed) taken.replay(variables);
      if (alter) alter((variables = new Map(variables)));
      const known = factsOf(newest?.record ?? this.facts);
      return { ...known, lifetime: taken.lifetime ?? known.lifetime, ...facts, variables };
    };
    try {
      const stored = await store(rewrite);
      this.#usedAt = Date.now();
      if (stored === undefined) {
        if (taken) values.giveBack(taken);
        return;
      }
      const isOwn = !isReplayed && stored.snapshot.version === undefined;
      values.accepted(isOwn ? stored.snapshot.data : null);
      this.#phase = { kind: 'stored', ...stored };
    } catch (error) {
      if (taken) values.giveBack(taken);
      if (error instanceof SessionGoneException && this.#phase.kind === 'stored') {
        this.#phase = { ...this.#phase, kind: 'gone' };
      }
      throw error;
    }
  }

  #requireStored(): Extract<Phase, { kind: 'stored' }> {
    if (this.#phase.kind === 'stored') return this.#phase;
    throw new SessionGoneException();
  }
}
