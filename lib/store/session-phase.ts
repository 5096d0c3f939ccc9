import type { EachField } from '../record/record.js';
import type { NewRecord, Snapshot } from './record-store.js';
import { SessionGoneException } from './session-gone.exception.js';

/** What is known of a session besides its variables. */
export type SessionFacts = Omit<NewRecord, 'variables'>;

/** Where a session stands during one request. */
export type Phase =
  | (SessionFacts & { readonly kind: 'new' })
  | { readonly kind: 'stored'; readonly id: string; readonly snapshot: Snapshot }
  /** It ended while this request ran: nothing of this request is stored any more. */
  | { readonly kind: 'gone'; readonly id: string; readonly snapshot: Snapshot };

/** @param lifetime the session's own in seconds, where this request has set it */
export function factsOf(phase: Phase, lifetime: number | undefined): SessionFacts {
  const known = phase.kind === 'new' ? phase : phase.snapshot.record;
  const { createdAt, loggedInAt, owner, renewedAt } = known;
  const facts = { createdAt, loggedInAt, owner, renewedAt, lifetime: lifetime ?? known.lifetime };
  return facts satisfies EachField<SessionFacts>;
}

/** @throws SessionConflictException when the session is not stored, or no longer */
export function requireStored(phase: Phase): Extract<Phase, { kind: 'stored' }> {
  if (phase.kind === 'stored') return phase;
  throw new SessionGoneException();
}
