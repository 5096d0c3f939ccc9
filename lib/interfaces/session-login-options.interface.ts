/**
 * What a login does besides tying the session to its owner.
 *
 * @publicApi
 */
export interface SessionLoginOptions {
  /**
   * Names of variables of the anonymous session that must not come along.
   *
   * @default none: all come along
   */
  readonly drop?: readonly string[] | undefined;

  /**
   * What to keep beside the session in the owner's list: the name of the device, its address.
   *
   * @default none; a session that is logged in again keeps what it had
   */
  readonly info?: Readonly<Record<string, string>> | undefined;
}
