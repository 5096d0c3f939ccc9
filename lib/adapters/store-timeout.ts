import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';

/** What a request can be made to wait for. */
const LONGEST_TIMEOUT_MS = 60_000;

/** The longest time that a timer of Node takes: a longer one would be over at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Whether calls can be given this time: a number of milliseconds above 0. */
export function isStoreTimeout(value: unknown, longest = LONGEST_TIMER_MS): value is number {
  return typeof value === 'number' && value > 0 && value <= longest;
}

/** @throws InvalidSessionOptionsException for what the option `storeTimeout` does not take */
export function assertStoreTimeout(value: unknown = 2000): void {
  if (isStoreTimeout(value, LONGEST_TIMEOUT_MS)) return;
  throw new InvalidSessionOptionsException(
    'The session option "storeTimeout" must be a number of milliseconds above 0 and up to ' +
      `${LONGEST_TIMEOUT_MS}.`,
  );
}
