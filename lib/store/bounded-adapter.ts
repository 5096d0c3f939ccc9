import {
  SessionConflictException,
  SessionHeadersSentException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import { hasCallForMany, type ManyRecords } from '../adapters/many-records.js';
import type { RecordVersion, SessionAdapter, StoredRecord } from '../adapters/session-adapter.js';
import type { StoreOperation } from '../events/session-events.js';
import { CHANNELS_ONLY, type SessionObserver } from '../events/session-observer.js';
import { CallTimer } from '../adapters/call-timer.js';
import { type Deadline, StoreTimeoutException } from './deadline.js';
import { inParallel } from './in-parallel.js';
import { areCallsWatched, observedCall } from './observed-call.js';

/** Exceptions that say themselves what is wrong, and go on as they are. */
const SPEAKING = [
  SessionStoreUnavailableException,
  SessionSerializationException,
  SessionConflictException,
  SessionHeadersSentException,
] as const;

/** The four methods that every store has, and what some do for many records at once. */
export type AdapterMethods = Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'> &
  Partial<ManyRecords>;

/** How many records one call is about where the store has calls for many, and how many run at once. */
const CALL_SIZE = 50;
const PARALLEL_CALLS = 4;

/** How the store is called. */
export interface CallOptions {
  /** Milliseconds for one call. */
  readonly storeTimeout: number;
  /** Who is told what becomes of sessions. */
  readonly observer?: SessionObserver | undefined;
  /** Whether each client carries its own record: then a call of the adapter is no store call. */
  readonly isCarried?: boolean | undefined;
  /**
   * Runs a call outside the context of its request. What the store's client makes in it, such as a
   * connection or a timer, outlives the request and would keep all of that in memory.
   */
  readonly apart?: (<T>(call: () => T) => T) | undefined;
}

/** An adapter whose every call ends in time, and whose every fault is an exception of ours. */
export class BoundedAdapter {
  readonly #adapter: AdapterMethods;
  readonly #timeout: number;
  readonly #isCarried: boolean;
  readonly #apart: <T>(call: () => T) => T;
  readonly #observer: SessionObserver;
  readonly #timer = new CallTimer(() => new StoreTimeoutException());

  constructor(adapter: AdapterMethods, options: CallOptions) {
    const { storeTimeout, isCarried = false, apart = atOnce, observer = CHANNELS_ONLY } = options;
    this.#adapter = adapter;
    this.#timeout = storeTimeout;
    this.#isCarried = isCarried;
    this.#apart = apart;
    this.#observer = observer;
  }

  read(deadline: Deadline, key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.#run('read', deadline, key, () => this.#adapter.read(key, ttl));
  }

  create(deadline: Deadline, key: string, data: string, ttl: number): Promise<boolean> {
    return this.#run('create', deadline, key, () => this.#adapter.create(key, data, ttl));
  }

  update(
    deadline: Deadline,
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    return this.#run('update', deadline, key, () => this.#adapter.update(key, data, ttl, version));
  }

  destroy(deadline: Deadline, key: string): Promise<void> {
    return this.#run('destroy', deadline, key, () => this.#adapter.destroy(key));
  }

  /**
   * As `read` for each key, in their order, some at a time. Where one call is about many records,
   * those who watch calls are told the key of the first.
   */
  async readMany(
    deadline: Deadline,
    keys: readonly string[],
  ): Promise<(StoredRecord | undefined)[]> {
    const adapter = this.#adapter;
    if (!hasCallForMany(adapter, 'readMany')) {
      return inParallel(keys, (key) => this.read(deadline, key));
    }
    const parts = await inParallel(
      inCalls(keys),
      (part) => this.#run('read', deadline, part[0] ?? '', () => adapter.readMany(part)),
      PARALLEL_CALLS,
    );
    return parts.flat();
  }

  /** As `destroy` for each key, some at a time. */
  async destroyMany(deadline: Deadline, keys: readonly string[]): Promise<void> {
    const adapter = this.#adapter;
    if (!hasCallForMany(adapter, 'destroyMany')) {
      await inParallel(keys, (key) => this.destroy(deadline, key));
    } else {
      await inParallel(
        inCalls(keys),
        (part) => this.#run('destroy', deadline, part[0] ?? '', () => adapter.destroyMany(part)),
        PARALLEL_CALLS,
      );
    }
  }

  #run<T>(
    operation: StoreOperation,
    deadline: Deadline,
    key: string,
    call: () => Promise<T>,
  ): Promise<T> {
    if (this.#isCarried || !areCallsWatched(this.#observer) || deadline.remaining === 0) {
      return this.#bound(operation, deadline, key, call);
    }
    return observedCall(this.#observer, {
      operation,
      key,
      call: () => this.#bound(operation, deadline, key, call),
    });
  }

  /** Written with callbacks: an async function between store and caller would add a promise. */
  #bound<T>(
    operation: StoreOperation,
    deadline: Deadline,
    key: string,
    call: () => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      deadline.check();
      const limit = this.#timer.add(deadline.endWithin(this.#timeout), (reason) =>
        reject(this.#told(operation, key, reason)),
      );
      const fail = (error: unknown): void => {
        if (this.#timer.remove(limit)) reject(this.#told(operation, key, error));
      };
      try {
        // What is a promise stays the same one; some who write JavaScript answer at once.
        Promise.resolve<T>(this.#apart(call)).then((answer) => {
          this.#timer.remove(limit);
          // Many a store says null of what it does not have.
          resolve(answer ?? (undefined as T));
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  #told(operation: StoreOperation, key: string, error: unknown): Error {
    const speaking = speakingOf(error);
    if (
      this.#observer.hears('store-failed') &&
      speaking instanceof SessionStoreUnavailableException
    ) {
      const reason = speaking instanceof StoreTimeoutException ? 'timeout' : 'error';
      this.#observer.tell('store-failed', { key, operation, reason });
    }
    return speaking;
  }
}

/** What the error says, or that the store failed. */
function speakingOf(error: unknown): Error {
  if (SPEAKING.some((exception) => error instanceof exception)) return error as Error;
  return new SessionStoreUnavailableException(
    'The session store failed. See the cause, and check that the store is up and reachable.',
    { cause: error },
  );
}

function inCalls(keys: readonly string[]): string[][] {
  const count = Math.ceil(keys.length / CALL_SIZE);
  return Array.from({ length: count }, (_, call) =>
    keys.slice(call * CALL_SIZE, (call + 1) * CALL_SIZE),
  );
}

/** Runs a call in the context of its request. */
export function atOnce<T>(call: () => T): T {
  return call();
}
