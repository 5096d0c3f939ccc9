/**
 * A session in the list of its owner.
 *
 * @publicApi
 */
export interface SessionInfo {
  /** Where the store keeps it. It may be shown: it opens nothing. */
  readonly key: string;
  readonly createdAt: Date;
  readonly loggedInAt: Date;
  /** When it ends at the latest: its absolute end. Undefined where sessions have none. */
  readonly expiresAt: Date | undefined;
  /** What was given to `login()` to be kept beside it. */
  readonly info: Readonly<Record<string, string>>;
}
