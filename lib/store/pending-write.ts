import type { CommittedChange } from '../events/session-events.js';
import type { SessionObserver } from '../events/session-observer.js';
import type { Changes, Unit } from '../record/changes.js';
import type { EachField, Variables } from '../record/record.js';
import type { SessionValues } from '../record/session-values.js';
import type { NewRecord, Snapshot } from './record-store.js';
import type { SessionFacts } from './session-phase.js';

/** What a write does beside storing the recorded changes. */
export interface Alteration {
  /** The one variable or property that is made of its newest value. */
  readonly updated?: Unit;
  /** Changes more, on variables that are its own; may run again. */
  readonly variables?: (variables: Variables) => void;
  /** What else the record is to say. */
  readonly facts?: Partial<SessionFacts>;
}

/** @param drop full names of variables that do not come along */
export function loginOf(owner: string, drop: readonly string[]): Alteration {
  return {
    variables: (variables) => drop.forEach((name) => variables.delete(name)),
    facts: { owner, loggedInAt: Date.now() },
  };
}

/**
 * The changes of a request on their way to the store: taken once, and made into a record for each
 * newer one that is found there. The first time the variables of the request may serve as they
 * are; after that the changes are replayed.
 */
export class PendingWrite {
  readonly #values: SessionValues;
  readonly #known: SessionFacts;
  readonly #alteration: Alteration;
  readonly #observer: SessionObserver;
  readonly #startedAt: number | undefined;
  #taken: Changes | undefined;
  #isReplayed = false;
  #attempts = 0;

  /** @param known the facts of the session as long as no record says otherwise */
  constructor(
    values: SessionValues,
    known: SessionFacts,
    alteration: Alteration,
    observer: SessionObserver,
  ) {
    this.#values = values;
    this.#known = known;
    this.#alteration = alteration;
    this.#observer = observer;
    this.#startedAt = observer.hears('committed') ? performance.now() : undefined;
  }

  /**
   * The record to store in the place of the newest one, or as the first one.
   *
   * @throws SessionSerializationException when a change cannot be stored
   */
  recordOver(newest?: Snapshot): NewRecord {
    this.#attempts++;
    const own = this.#taken ? undefined : this.#values.basedOn(newest?.data);
    const taken = (this.#taken ??= this.#values.take());
    this.#isReplayed = own === undefined;
    let variables = own ?? newest?.record.variables ?? new Map<string, unknown>();
    if (this.#isReplayed) taken.replay(variables);
    if (this.#alteration.variables) this.#alteration.variables((variables = new Map(variables)));
    const known = newest?.record ?? this.#known;
    const facts = this.#alteration.facts;
    // Spreading objects would cost more than all else here.
    return {
      createdAt: facts?.createdAt ?? known.createdAt,
      loggedInAt: facts?.loggedInAt ?? known.loggedInAt,
      owner: facts?.owner ?? known.owner,
      renewedAt: facts?.renewedAt ?? known.renewedAt,
      lifetime: facts?.lifetime ?? taken.lifetime ?? known.lifetime,
      variables,
    } satisfies EachField<NewRecord>;
  }

  /** The store took the record. */
  succeed(stored: Snapshot): void {
    const isOwn = !this.#isReplayed && stored.version === undefined;
    this.#values.accepted(isOwn ? stored.data : null);
    if (this.#startedAt !== undefined) this.#tell(stored, performance.now() - this.#startedAt);
  }

  /** Nothing was stored: the changes stay with the request. */
  giveUp(): void {
    if (this.#taken) this.#values.giveBack(this.#taken);
  }

  /** The session of that key has ended meanwhile. */
  tellOfConflict(key: string): void {
    // A renewal is not what the request asked for, and goes on without it.
    if (this.#alteration.facts?.renewedAt !== undefined) return;
    if (this.#observer.hears('conflict')) this.#observer.tell('conflict', { key, reason: 'gone' });
  }

  #tell({ key, record: { owner } }: Snapshot, durationMs: number): void {
    const { updated } = this.#alteration;
    const changes: CommittedChange[] = [...(this.#taken?.list() ?? [])];
    if (updated) changes.push({ kind: 'update', ...updated });
    this.#observer.tell('committed', { key, owner, changes, attempts: this.#attempts, durationMs });
  }
}

/** Makes the record to store out of the newest one, if there is one. */
export type RecordOver = PendingWrite['recordOver'];
