/**
 * Watches and changes what is read from and written to the session, synchronously. A variable of a
 * bag is named after both: `user.name`.
 *
 * @publicApi
 */
export interface SessionIntercept {
  /** What it returns is what the reader gets. Not asked for what is not there. */
  get?(name: string, value: unknown): unknown;

  /** What it returns is stored; undefined removes the variable, and throwing refuses it. */
  set?(name: string, value: unknown): unknown;
}
