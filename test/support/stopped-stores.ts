import { afterAll } from '@jest/globals';
import type { SessionStore } from '../../lib/store/session-store.js';

const stores: SessionStore[] = [];

// What a store tries again goes on behind its test file, and all files of a worker hear of it.
// Nobody waits for the last trial: under a fake clock it may never end.
afterAll(() => {
  for (const store of stores.splice(0)) void store.stop();
});

/** The store, which is stopped when the test file is through. */
export function stoppedAtLast(store: SessionStore): SessionStore {
  stores.push(store);
  return store;
}
