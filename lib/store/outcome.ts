import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';

/** How often the store is asked to do one thing before a fault of its is passed on. */
export const MAX_FAULTS = 3;

/** A store that failed may still have done what it was asked. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof SessionStoreUnavailableException;
}
