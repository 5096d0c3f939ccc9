/**
 * Turns the session's variables into text and back, in place of the built-in JSON.
 *
 * @publicApi
 */
export interface SessionSerializer {
  /** Called once a commit. The values are those that the session accepts with any serializer. */
  serialize(variables: Record<string, unknown>): string;

  /** Called once a read. Throwing means that the record cannot be read. */
  deserialize(text: string): Record<string, unknown>;
}
