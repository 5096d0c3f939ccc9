import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Milliseconds after which it gives up. */
  readonly within: number;
  /** What is awaited, for the error. */
  readonly what: string;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

/**
 * Asks again and again until the answer is neither undefined nor false, and gives that answer.
 * A look that rejects counts as "not yet"; the last such error becomes the cause.
 *
 * @throws when the time is over
 */
export async function pollUntil<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { within, what, every = 20 }: PollOptions,
): Promise<T> {
  const deadline = Date.now() + within;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await beforeDeadline(look, deadline);
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await delay(every);
  }
  throw new Error(`Waited ${within} ms in vain: ${what}.`, { cause });
}

/** A look that hangs must not outlast the deadline. */
async function beforeDeadline<T>(look: () => Promise<T> | T, deadline: number): Promise<T> {
  const over = new AbortController();
  const timeout = delay(Math.max(0, deadline - Date.now()), undefined, { signal: over.signal });
  try {
    return await Promise.race([
      Promise.resolve(look()),
      timeout.then(() => Promise.reject(new Error('The last look did not end.'))),
    ]);
  } finally {
    over.abort();
    timeout.catch(() => {});
  }
}
