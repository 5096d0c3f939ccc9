import { SessionException } from '../exceptions/session.exceptions.js';
import type { OwnedSession, OwnersSessions } from './owned-sessions.js';

/** The sessions of owners where each client carries its own: nobody knows of all of them. */
export class UnlistedSessions implements OwnersSessions {
  async announce(): Promise<void> {}

  /** A session that is on no list cannot be taken off it. */
  async confirm(): Promise<boolean> {
    return true;
  }

  async forget(): Promise<void> {}

  async endSuccessors(): Promise<string[]> {
    return [];
  }

  async list(): Promise<OwnedSession[]> {
    throw cannotBeListed();
  }

  async revoke(): Promise<boolean> {
    throw cannotBeListed();
  }

  async revokeAll(): Promise<number> {
    throw cannotBeListed();
  }
}

function cannotBeListed(): SessionException {
  return new SessionException(
    "The sessions of an owner cannot be listed or revoked with the adapter 'cookie': each is in its " +
      'browser only. Use an adapter with a store.',
  );
}
