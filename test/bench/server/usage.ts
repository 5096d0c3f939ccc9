/** What a server has used of the machine. */
export interface Usage {
  /** Microseconds of processor time since its start, all threads. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes. */
  readonly heapUsed: number;
}
