import type { SessionRecord } from '../record/record.js';

/** What of a record says how long it lives. */
export type Clocks = Pick<SessionRecord, 'createdAt' | 'loggedInAt' | 'lifetime'>;

/** How long sessions live. Lifetimes are seconds, times are milliseconds since 1970. */
export class Lifetimes {
  /** Idle seconds after which a session without a lifetime of its own is gone. */
  readonly idle: number;
  /** Seconds after creation or login when it is gone however busy. */
  readonly absolute: number;

  constructor(idle: number, absolute: number | false) {
    this.idle = idle;
    this.absolute = absolute === false ? Number.POSITIVE_INFINITY : absolute;
  }

  /** Whether the absolute end has come; the idle one is the store's to enforce. */
  isOver(session: Clocks, now: number): boolean {
    return now >= this.endOf(session);
  }

  /** Whole seconds to give the record from now on: 1 at least, and not past the absolute end. */
  ttl(session: Clocks, now: number): number {
    return Math.max(1, Math.floor((this.expiresAt(session, now) - now) / 1000));
  }

  /** Idle seconds after which the session is gone. */
  idleOf(session?: Pick<Clocks, 'lifetime'>): number {
    return session?.lifetime ?? this.idle;
  }

  /** When the session ends if it is used now and never again. */
  expiresAt(session: Clocks, now: number): number {
    return Math.min(now + this.idleOf(session) * 1000, this.endOf(session));
  }

  /** The absolute end; Infinity where there is none. */
  endOf({ createdAt, loggedInAt = createdAt }: Clocks): number {
    return loggedInAt + this.absolute * 1000;
  }
}
