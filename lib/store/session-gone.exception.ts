import { SessionConflictException } from '../exceptions/session.exceptions.js';

/** The conflict of a request whose session has ended. */
export class SessionGoneException extends SessionConflictException {
  constructor() {
    super(
      'The session was destroyed, revoked, given a new id or expired while this request ran, so ' +
        'its changes were not stored. Repeat the request.',
    );
  }

  override get name(): string {
    return SessionConflictException.name;
  }
}
