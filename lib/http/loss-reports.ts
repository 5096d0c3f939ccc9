import type { LoggerService } from '@nestjs/common';
import { SessionConflictException, SessionException } from '../exceptions/session.exceptions.js';

/** Where it is logged that changes or an answer are lost. */
export type LossLogger = Pick<LoggerService, 'error' | 'warn'>;

/**
 * Logs that the changes of an answer are lost.
 *
 * @param route what the request is called, without anything of its own
 */
export function reportLostChanges(logger: LossLogger, reason: unknown, route = 'a request'): void {
  const message = `The session changes of ${route} were not stored. ${explain(reason)}`;
  if (reason instanceof SessionConflictException) logger.warn(message);
  else logger.error(message);
}

/** Logs that an accepted answer could not be sent, as with a body of another length than it claimed. */
export function reportCutAnswer(logger: LossLogger, reason: unknown): void {
  logger.error(`An answer was cut off: sending it failed. ${explain(reason)}`);
}

/** Other errors than ours are only named: their text may hold what was to be stored. */
export function explain(reason: unknown): string {
  if (reason instanceof SessionException) return reason.message;
  return `Cause: ${reason instanceof Error ? reason.name : typeof reason}.`;
}
