import { SessionValues } from '../record/session-values.js';
import type { OpenSession } from './record-store.js';
import { factsOf, type Phase, type SessionFacts } from './session-phase.js';
import type { SessionStore } from './session-store.js';

/** What one request knows of its session: as it was read, changed and stored since. */
export abstract class KnownSession {
  protected readonly store: SessionStore;
  protected phase: Phase = { kind: 'new', createdAt: Date.now() };
  protected usedAt = Date.now();
  readonly #scope: string;
  /** Made when they are asked for, or read. */
  #values: SessionValues | undefined;

  /** @param scope what the full names of this application's variables begin with */
  constructor(store: SessionStore, scope: string) {
    this.store = store;
    this.#scope = scope;
  }

  get values(): SessionValues {
    return (this.#values ??= new SessionValues(this.#scope));
  }

  /** Empty, as the key, as long as nothing is stored. */
  get id(): string {
    return this.phase.kind === 'new' ? '' : this.phase.id;
  }

  get key(): string {
    return this.phase.kind === 'new' ? '' : this.phase.snapshot.key;
  }

  get isStored(): boolean {
    return this.phase.kind === 'stored';
  }

  /** Whether the session ended under this request, so that its cookie is not ours to send. */
  get isGone(): boolean {
    return this.phase.kind === 'gone' || this.store.hasEnded(this.key);
  }

  /** Whether the id is old enough to be renewed; another request may have done that already. */
  get isRenewalDue(): boolean {
    return this.phase.kind === 'stored' && this.store.isRenewalDue(this.phase.snapshot);
  }

  /** Times in milliseconds since 1970, the session's own lifetime in seconds, and its owner. */
  get facts(): SessionFacts {
    return factsOf(this.phase, this.values.lifetime);
  }

  /** When the session ends if it is not used again, in milliseconds since 1970. */
  get expiresAt(): number {
    return this.store.lifetimes.expiresAt(this.facts, this.usedAt);
  }

  /** Whole seconds that the session lives from now on if it is not used again. */
  get ttl(): number {
    return this.store.lifetimes.ttl(this.facts, Date.now());
  }

  /** Whether there is something to store. A new session that is empty is not stored. */
  protected get isChanged(): boolean {
    return this.phase.kind === 'new' ? !this.values.isEmpty : this.values.hasChanges();
  }

  protected goOnWith({ id, snapshot }: OpenSession): void {
    this.phase = { kind: 'stored', id, snapshot };
    this.#values = new SessionValues(this.#scope, snapshot.record.variables, snapshot.data);
  }

  protected beginAnew(): void {
    this.phase = { kind: 'new', createdAt: Date.now() };
    this.#values = undefined;
  }
}
