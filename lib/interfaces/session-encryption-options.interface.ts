/**
 * How records are encrypted before the store gets them.
 *
 * @publicApi
 */
export interface SessionEncryptionOptions {
  /**
   * The newest key first: it seals. The older ones are for reading what was sealed before.
   *
   * A key is 32 random bytes or more: as they are, or as text in base64url, base64 or hexadecimal
   * digits. To make one: `node -e "console.log(require('crypto').randomBytes(32).toString('base64url'))"`.
   */
  readonly keys: readonly (string | Uint8Array)[];
}
