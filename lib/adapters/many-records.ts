import type { SessionAdapter, StoredRecord } from './session-adapter.js';

/**
 * What an adapter may have beside the four methods, where one call for many records costs its store
 * far less than a call for each. Nobody has to: what is missing is done by the four methods.
 */
export interface ManyRecords {
  /** What `read` without a ttl gives for each key, in the order of the keys. */
  readMany(keys: readonly string[]): Promise<(StoredRecord | undefined)[]>;

  /** What `destroy` does, for each key. */
  destroyMany(keys: readonly string[]): Promise<void>;
}

const BY_ONE = { readMany: 'read', destroyMany: 'destroy' } as const satisfies Record<
  keyof ManyRecords,
  keyof SessionAdapter
>;

/**
 * Whether an adapter has a call for many records that does what its call for one does. A subclass, or
 * somebody who has put another method on the object, may have changed that one alone: then it counts.
 */
export function hasCallForMany<A extends Partial<ManyRecords>, K extends keyof ManyRecords>(
  adapter: A,
  forMany: K,
): adapter is A & Pick<ManyRecords, K> {
  for (let owner: unknown = adapter; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, forMany)) return typeof adapter[forMany] === 'function';
    if (Object.hasOwn(owner, BY_ONE[forMany])) return false;
  }
  return false;
}
