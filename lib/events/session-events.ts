/** What every event says. */
export interface SessionEvent {
  readonly at: Date;
}

/** An event of one session: its key opens nothing, and the owner is who is logged in to it. */
export interface SessionKeyEvent extends SessionEvent {
  readonly key: string;
  readonly owner?: string | undefined;
}

/** One change that a commit has stored: no values. */
export interface CommittedChange {
  readonly kind: 'set' | 'remove' | 'clear' | 'update' | 'lifetime';
  /** The full name of the variable; missing where all of the application's are meant. */
  readonly name?: string | undefined;
  /** The property, where the variable is a bag and not all of it is meant. */
  readonly property?: string | undefined;
}

/** What is asked of a store. */
export type StoreOperation = 'read' | 'create' | 'update' | 'destroy';

/** What the store made of it; `refused` where a key was taken or a record had changed. */
export type StoreOutcome = 'found' | 'absent' | 'stored' | 'refused' | 'removed' | 'failed';

/**
 * What can be heard of sessions: the names of the events, and what each says. None holds an id, a
 * cookie or a stored value.
 *
 * @publicApi
 */
export interface SessionEvents {
  /** A session was stored for the first time. */
  readonly created: SessionKeyEvent;
  /** A session got a new id, and with it a new key. */
  readonly renewed: SessionKeyEvent & {
    readonly previousKey: string;
    readonly reason: 'regenerate' | 'login' | 'renewAfter';
  };
  /** A session was ended by `destroy()` or `logout()`. */
  readonly destroyed: SessionKeyEvent;
  /**
   * A session had outlived its absolute lifetime and was removed, or its idle one as far as this
   * process knows: the store tells nothing of what it has dropped.
   */
  readonly expired: SessionKeyEvent & { readonly reason: 'idle' | 'absolute' };
  /** A session was ended through the registry, or to make room for its owner's next one. */
  readonly revoked: SessionKeyEvent & { readonly reason: 'revoked' | 'evicted' };
  /** A request came with a cookie that opens nothing; with a key where there was an id. */
  readonly rejected: SessionEvent & {
    readonly reason: 'malformed-cookie' | 'ambiguous-cookies' | 'unknown-id' | 'unreadable-record';
    readonly key?: string | undefined;
  };
  /**
   * Another request was faster: it has changed the record, and the commit is done again on the
   * newest one; or it has ended the session, and the changes are refused.
   */
  readonly conflict: SessionEvent & {
    readonly key: string;
    readonly reason: 'changed' | 'gone';
  };
  /** A call of the store failed, or did not end in time. */
  readonly 'store-failed': SessionEvent & {
    readonly key: string;
    readonly operation: StoreOperation;
    readonly reason: 'error' | 'timeout';
  };
  /** The store has accepted what a request changed. */
  readonly committed: SessionKeyEvent & {
    readonly changes: readonly CommittedChange[];
    /** How often it was tried: more than once where others wrote at the same time. */
    readonly attempts: number;
    readonly durationMs: number;
  };
  /** A call of the store has ended. */
  readonly 'store-call': SessionEvent & {
    readonly key: string;
    readonly operation: StoreOperation;
    readonly outcome: StoreOutcome;
    readonly durationMs: number;
  };
}

/**
 * The name of an event, without the prefix that it has on a channel or an emitter.
 *
 * @publicApi
 */
export type SessionEventName = keyof SessionEvents;

/**
 * What is called with an event. What it returns, throws or rejects with changes nothing.
 *
 * @publicApi
 */
export type SessionEventListener<N extends SessionEventName> = (event: SessionEvents[N]) => unknown;

/**
 * The channels of `node:diagnostics_channel` on which each event is published.
 *
 * @publicApi
 */
export const SESSION_CHANNELS = {
  created: 'nestjs-session-bag:created',
  renewed: 'nestjs-session-bag:renewed',
  destroyed: 'nestjs-session-bag:destroyed',
  expired: 'nestjs-session-bag:expired',
  revoked: 'nestjs-session-bag:revoked',
  rejected: 'nestjs-session-bag:rejected',
  conflict: 'nestjs-session-bag:conflict',
  'store-failed': 'nestjs-session-bag:store-failed',
  committed: 'nestjs-session-bag:committed',
  'store-call': 'nestjs-session-bag:store-call',
} as const satisfies { readonly [N in SessionEventName]: `nestjs-session-bag:${N}` };
