import type { StoreOperation, StoreOutcome } from '../events/session-events.js';
import type { SessionObserver } from '../events/session-observer.js';

/** A call of the store that somebody watches. */
export interface WatchedCall<T> {
  readonly operation: StoreOperation;
  readonly key: string;
  readonly call: () => Promise<T>;
}

/** Whether anybody wants to know of the calls of the store, of those that succeed too. */
export function areCallsWatched(observer: SessionObserver): boolean {
  return observer.tracing !== undefined || observer.hears('store-call');
}

/** Makes a call, and tells how it went. */
export async function observedCall<T>(
  observer: SessionObserver,
  { operation, key, call }: WatchedCall<T>,
): Promise<T> {
  const { tracing } = observer;
  const start = performance.now();
  const tell = (outcome: StoreOutcome): void => {
    if (!observer.hears('store-call')) return;
    const durationMs = performance.now() - start;
    observer.tell('store-call', { key, operation, outcome, durationMs });
  };
  try {
    const result = tracing
      ? await tracing.follow(`session.store.${operation}`, call, (done) =>
          outcomeOf(operation, done),
        )
      : await call();
    tell(outcomeOf(operation, result));
    return result;
  } catch (error) {
    tell('failed');
    throw error;
  }
}

function outcomeOf(operation: StoreOperation, result: unknown): StoreOutcome {
  if (operation === 'destroy') return 'removed';
  if (operation === 'read') return result === undefined ? 'absent' : 'found';
  return result === true ? 'stored' : 'refused';
}
