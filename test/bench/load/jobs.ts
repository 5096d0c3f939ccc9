import type { Route } from '../routes.js';

/** Has sessions made, one for each connection. */
export interface Preparation {
  readonly kind: 'prepare';
  readonly port: number;
  readonly route: Route;
  readonly connections: number;
  /** Without it a visitor comes with a cookie that means nothing to the server. */
  readonly hasSeed: boolean;
}

/** Sends requests as fast as they are answered, for a time or up to a count. */
export interface Slice {
  readonly kind: 'run';
  readonly port: number;
  readonly route: Route;
  readonly milliseconds?: number;
  readonly count?: number;
  /** Whether all connections send the cookie of the first. */
  readonly oneSession?: boolean;
  /** Whether the load looks for answers all the time, which takes a whole processor. */
  readonly isAwake?: boolean;
}

export type Job = Preparation | Slice;

export interface SliceResult {
  readonly count: number;
  readonly milliseconds: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
  /** Answers that were not 200. */
  readonly failures: number;
}

export type JobResult = { readonly error: string } | { readonly result: SliceResult | null };
