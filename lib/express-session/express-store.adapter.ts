import { createHash, randomUUID } from 'node:crypto';
import {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from '../adapters/session-adapter.js';
import { isStoreTimeout } from '../adapters/store-timeout.js';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';
import { cookieOf, type ExpressStore, type ExpressStoreSession } from './express-store.js';
import { KeyTurns } from './key-turns.js';
import { LateWrites } from './late-writes.js';
import { StoreCall } from './store-call.js';

/** @publicApi */
export interface FromExpressStoreOptions {
  /**
   * Milliseconds for one call of the adapter.
   *
   * @default 2000
   */
  readonly storeTimeout?: number | undefined;
}

/**
 * Makes a store that was written for express-session (connect-redis, connect-pg-simple,
 * connect-mongo, connect-memcached, session-file-store …) an adapter.
 *
 * Such a store knows no compare-and-swap. Within this process nothing is lost: what happens under
 * one key happens in turns, a version is read before it is written over, and what the store did not
 * answer in time is waited for by what comes after it, a quarter of an hour at the most. A process
 * that is started anew knows nothing of such a write of its predecessor. **Two processes that
 * change one session in the same moment can lose the earlier change**, an owner's list of sessions
 * included, and a session that one destroys can come back by what the other writes. Use a built-in
 * adapter where more than one process serves.
 *
 * A record lives as long and as precisely as the store sees to it. Reading extends its life by the
 * store's `touch`, once a tenth of it has passed since the last write; where there is none, by
 * writing it again. With a store's own `disableTouch` a life is extended by writing alone.
 *
 * The key of a record is the store's session id, and the store adds its own prefix to that.
 * The store belongs to the application: it is never closed here.
 *
 * @throws InvalidSessionOptionsException for what is not such a store
 * @publicApi
 */
export function fromExpressStore(
  store: ExpressStore,
  options: FromExpressStoreOptions = {},
): SessionAdapter {
  return new ExpressStoreAdapter(store, options);
}

const METHODS = ['get', 'set', 'destroy'] as const;
const PROBE = 'nestjs-session-bag-probe';

class ExpressStoreAdapter extends SessionAdapter {
  readonly #store: ExpressStore;
  readonly #storeTimeout: number;
  readonly #turns = new KeyTurns();
  readonly #lateWrites = new LateWrites();

  constructor(store: ExpressStore, { storeTimeout = 2000 }: FromExpressStoreOptions) {
    super();
    const missing = METHODS.find((method) => typeof store?.[method] !== 'function');
    if (missing !== undefined) {
      throw new InvalidSessionOptionsException(
        `fromExpressStore() takes a store of express-session, made with new; ${missing}() is missing.`,
      );
    }
    if (!isStoreTimeout(storeTimeout)) {
      throw new InvalidSessionOptionsException(
        'storeTimeout must be a number of milliseconds above 0, such as 2000.',
      );
    }
    this.#store = store;
    this.#storeTimeout = storeTimeout;
  }

  override open(): Promise<void> {
    return this.ping();
  }

  override async ping(): Promise<void> {
    await this.#call(PROBE).get();
  }

  override async read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    const now = this.#call(key);
    if (ttl === undefined || now.isWriteUnderWay) return recordOf(await now.get());
    return this.#inTurn(key, async (call) => {
      const session = await call.get();
      if (session && !call.isWriteUnderWay && isExtensionDue(session, ttl)) {
        await call.extend({ ...session, cookie: cookieOf(ttl) });
      }
      return recordOf(session);
    });
  }

  override create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.#write(key, async (call) => {
      if (await call.get()) return false;
      await call.set(sessionOf(data, ttl));
      return true;
    });
  }

  override update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    return this.#write(key, async (call) => {
      if ((await call.get())?.version !== version) return false;
      await call.set(sessionOf(data, ttl));
      return true;
    });
  }

  override destroy(key: string): Promise<void> {
    return this.#write(key, (call) => call.destroy());
  }

  /** Nothing is written as long as an earlier write may still be carried out. */
  #write<T>(key: string, task: (call: StoreCall) => Promise<T>): Promise<T> {
    return this.#inTurn(key, async (call) => {
      await call.awaitLateWrite();
      return task(call);
    });
  }

  /** The wait for a turn counts as well: nobody's turn outlasts the time of those after it. */
  #inTurn<T>(key: string, task: (call: StoreCall) => Promise<T>): Promise<T> {
    const call = this.#call(key);
    return this.#turns.take(key, () => task(call));
  }

  #call(key: string): StoreCall {
    return new StoreCall(this.#store, sidOf(key), this.#storeTimeout, this.#lateWrites);
  }
}

/** What a store may use for a file's name; whatever else a `prefix` makes of a key is hashed. */
function sidOf(key: string): string {
  if (/^[\w:-][\w:.-]{0,127}$/.test(key)) return key;
  return createHash('sha256').update(key).digest('base64url');
}

function sessionOf(data: string, ttl: number): ExpressStoreSession {
  return { cookie: cookieOf(ttl), data, version: randomUUID() };
}

function recordOf(session: ExpressStoreSession | undefined): StoredRecord | undefined {
  return session && { data: session.data, version: session.version };
}

/**
 * By the cookie as it was written last: most stores leave it as it is when they touch. A date may
 * come back as its text.
 */
function isExtensionDue({ cookie }: ExpressStoreSession, ttl: number): boolean {
  const remaining = new Date(cookie.expires).getTime() - Date.now();
  return !(remaining >= 900 * ttl && remaining <= 1000 * ttl);
}
