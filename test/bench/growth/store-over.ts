import type { SessionAdapter } from 'nestjs-session-bag';
import { SessionStore } from '../../../lib/store/session-store.js';

/** The library without HTTP: sessions over an adapter, as a module with its defaults has them. */
export function storeOver(
  adapter: Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'>,
  storeTimeout = 2000,
): SessionStore {
  return new SessionStore(adapter, {
    prefix: 'growth:',
    lifetime: 3600,
    absoluteLifetime: false,
    storeTimeout,
    whenOwnerIsFull: 'evict-oldest',
  });
}
