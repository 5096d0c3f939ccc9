/** What a user can do. Tokens, items and orders are used once, so that each tells where it is from. */
export type Action =
  | { readonly kind: 'begin'; readonly token: string }
  | { readonly kind: 'visit' }
  | { readonly kind: 'put'; readonly article: string; readonly token: string }
  | { readonly kind: 'wish' | 'unwish'; readonly item: string }
  | { readonly kind: 'order'; readonly token: string }
  | { readonly kind: 'count' | 'regenerate' | 'logout' }
  | { readonly kind: 'login'; readonly owner: string }
  // Ends all sessions of the owner: asked without one, or by one that stays.
  | Revocation;

export interface Revocation {
  readonly kind: 'revoke' | 'revoke-others';
  readonly owner: string;
}

/** What the application says of the session that it found. Empty where there was none. */
export interface Visit {
  /** The token with which the session was begun. */
  readonly born?: string;
  readonly owner?: string;
  /** By article: the token that was put last. */
  readonly cart: Readonly<Record<string, string>>;
  readonly wishes: readonly string[];
  /** Every order, in the order of their acceptance. */
  readonly orders: readonly string[];
  readonly count: number;
}

/**
 * How a request went.
 *
 * - `done`: acknowledged, so that its change must be there.
 * - `refused`: said to be without effect (401, 409), or it never arrived; its change must not be there.
 * - `unknown`: 503, no answer at all, or one that was cut. Its change may be there, now or later.
 */
export type Outcome = 'done' | 'refused' | 'unknown';

/** What is asked of the application. */
export interface Asked {
  readonly action: Action;
  /** The session id that was sent. */
  readonly id: string | undefined;
  /** Which process of the application was asked. */
  readonly process: number;
  /** Milliseconds of the users' clock, as all times here. */
  readonly begun: number;
  /** Whether it is done while its answer is being sent: an order in the middle, a wish at the end. */
  readonly isStreamed?: boolean;
}

/** One request and what came of it. */
export interface Step extends Asked {
  readonly ended: number;
  readonly outcome: Outcome;
  /** Of HTTP; 0 where no answer came, or no whole one. */
  readonly status: number;
  /** Why no whole answer came. */
  readonly failure?: string;
  /** Whether an answer had begun that did not come to its end. */
  readonly isCut?: boolean;
  readonly visit?: Visit | undefined;
  /** The id that the answer's cookie gives. */
  readonly newId?: string;
  /** Whether the answer clears the cookie. */
  readonly isCleared?: boolean;
}

/** A step with its change: when it took effect, if it did. */
export interface Effect {
  readonly from: number;
  /** Infinity for one that nobody acknowledged: it may still come. */
  readonly to: number;
}

/** When a step's change takes effect; undefined for one that was refused. */
export function effectOf({ outcome, begun, ended }: Step): Effect | undefined {
  if (outcome === 'refused') return undefined;
  return { from: begun, to: outcome === 'done' ? ended : Number.POSITIVE_INFINITY };
}

export function isRevocation(action: Action): action is Revocation {
  return action.kind === 'revoke' || action.kind === 'revoke-others';
}

/** Whether a step may have had an effect: it arrived, and found a session. */
export function mayHaveActed({ status, outcome }: Step): boolean {
  return status !== 401 && !(status === 0 && outcome === 'refused');
}

/** Whether the answer says that the id opened no session. */
export function foundNothing({ status, visit }: Step): boolean {
  return status === 401 || (visit !== undefined && visit.born === undefined);
}
