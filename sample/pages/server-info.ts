/** Who answers, for the foot of each page. */
export class ServerInfo {
  constructor(
    /** Which of several processes this is. */
    readonly process: string,
    /** Where the sessions are. */
    readonly store: string,
  ) {}
}
