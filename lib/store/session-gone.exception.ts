import { SessionConflictException } from '../exceptions/session.exceptions.js';

const NOT_STORED =
  'The session was destroyed, revoked, given a new id or expired while this request ran, so ' +
  'its changes were not stored. Repeat the request.';
const NOT_KNOWN =
  'The session was destroyed, revoked, given a new id or expired while this request ran and the ' +
  'store had not answered it. Whether its changes were stored before cannot be told: look before ' +
  'it is repeated.';

/** The conflict of a request whose session has ended. */
export class SessionGoneException extends SessionConflictException {
  /** @param isOutcomeKnown false where an answer of the store was lost before */
  constructor(isOutcomeKnown = true) {
    super(isOutcomeKnown ? NOT_STORED : NOT_KNOWN);
  }

  override get name(): string {
    return SessionConflictException.name;
  }
}
