import type { SessionEvents } from '../events/session-events.js';
import type { EventFacts, SessionObserver } from '../events/session-observer.js';
import type { Lifetimes } from './lifetimes.js';
import { RecentMap } from './recent-map.js';
import type { OpenSession, Snapshot } from './record-store.js';
import type { Found } from './session-finder.js';
import type { OldId } from './session-mover.js';

const REMEMBERED = 10_000;
/** Stores that are extended by a write of their own are so after a tenth of the lifetime only. */
const SURE_SHARE = 0.9;

/** A session that this process has seen alive. */
interface Seen {
  readonly owner: string | undefined;
  /** Which of its two ends comes first. */
  readonly end: SessionEvents['expired']['reason'];
  /** Milliseconds since 1970 from which on its absence means that its time was up. */
  readonly overFrom: number;
}

/** Says what becomes of sessions, in words for who listens. */
export class SessionTeller {
  readonly #observer: SessionObserver;
  readonly #lifetimes: Lifetimes;
  readonly #seen = new RecentMap<Seen>(REMEMBERED);

  constructor(observer: SessionObserver, lifetimes: Lifetimes) {
    this.#observer = observer;
    this.#lifetimes = lifetimes;
  }

  created({ snapshot }: OpenSession): void {
    this.seen(snapshot);
    if (this.#observer.hears('created')) this.#observer.tell('created', keyAndOwner(snapshot));
  }

  renewed(from: Snapshot, { snapshot }: OpenSession, oldId: OldId): void {
    this.seen(snapshot);
    if (oldId !== 'stays') this.#seen.delete(from.key);
    if (!this.#observer.hears('renewed')) return;
    const reason = reasonOf(from, snapshot, oldId);
    this.#observer.tell('renewed', { ...keyAndOwner(snapshot), previousKey: from.key, reason });
  }

  destroyed(snapshot: Snapshot): void {
    this.#seen.delete(snapshot.key);
    if (this.#observer.hears('destroyed')) this.#observer.tell('destroyed', keyAndOwner(snapshot));
  }

  /** Others have changed the record while a commit was on its way. */
  changed({ key }: Snapshot): void {
    if (this.#observer.hears('conflict'))
      this.#observer.tell('conflict', { key, reason: 'changed' });
  }

  /** Notes when a session will be over, as long as anybody wants to hear of that. */
  seen({ key, record }: Snapshot): void {
    if (!this.#observer.hears('expired')) return;
    const now = Date.now();
    const expiresAt = this.#lifetimes.expiresAt(record, now);
    const overFrom = now + SURE_SHARE * (expiresAt - now);
    const end = expiresAt === this.#lifetimes.endOf(record) ? 'absolute' : 'idle';
    this.#seen.set(key, { owner: record.owner, end, overFrom });
  }

  /** An id opened nothing. */
  refused({ key, why }: Found): undefined {
    if (why === 'absolute') return undefined;
    const seen = this.#seen.get(key);
    this.#seen.delete(key);
    if (why === undefined && seen !== undefined && Date.now() >= seen.overFrom) {
      this.#observer.tell('expired', { key, owner: seen.owner, reason: seen.end });
    } else if (this.#observer.hears('rejected')) {
      const reason = why === 'unreadable' ? 'unreadable-record' : 'unknown-id';
      this.#observer.tell('rejected', { key, reason });
    }
    return undefined;
  }
}

function keyAndOwner({ key, record: { owner } }: Snapshot): EventFacts<'created'> {
  return { key, owner };
}

function reasonOf(
  { record: before }: Snapshot,
  { record: after }: Snapshot,
  oldId: OldId,
): SessionEvents['renewed']['reason'] {
  if (oldId === 'alias') return 'renewAfter';
  return before.loggedInAt === after.loggedInAt ? 'regenerate' : 'login';
}
