import type { StoredRecord } from './session-adapter.js';

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
