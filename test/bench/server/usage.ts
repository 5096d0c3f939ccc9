/** What a server has used of the machine. */
export interface Usage {
  /** Microseconds of processor time since its start, all threads. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes. */
  readonly heapUsed: number;
}

/** What a server is asked: its usage, the same without garbage, and for a profile of its processor. */
export type Question = 'usage' | 'settled' | 'begin profile' | 'end profile';
