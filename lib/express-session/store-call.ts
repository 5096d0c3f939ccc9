import { SessionStoreUnavailableException } from '../exceptions/session.exceptions.js';
import type { ExpressStore, ExpressStoreSession } from './express-store.js';
import { LateWrites } from './late-writes.js';

type Done = (error?: unknown, result?: unknown) => void;
type Kind = 'read' | 'touch' | 'set' | 'destroy';

/** What one call of the adapter asks of the store, all of it within one time. */
export class StoreCall {
  readonly #store: ExpressStore;
  readonly #sid: string;
  readonly #limit: number;
  readonly #end: number;
  readonly #lateWrites: LateWrites;

  /**
   * @param limit milliseconds from now
   * @param lateWrites is told of a write that the store may carry out after that
   */
  constructor(store: ExpressStore, sid: string, limit: number, lateWrites = new LateWrites()) {
    this.#store = store;
    this.#sid = sid;
    this.#limit = limit;
    this.#end = performance.now() + limit;
    this.#lateWrites = lateWrites;
  }

  /** Whether an earlier call's write may still be carried out. */
  get isWriteUnderWay(): boolean {
    return this.#lateWrites.of(this.#sid) !== undefined;
  }

  /** @throws SessionStoreUnavailableException when an earlier call's write is not over in time */
  async awaitLateWrite(): Promise<void> {
    const write = this.#lateWrites.of(this.#sid);
    if (write === undefined) return;
    await new Promise<void>((resolve, reject) => {
      const left = Math.max(0, this.#end - performance.now());
      const timer = setTimeout(() => reject(writeUnderWay()), left).unref();
      void write.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** What the adapter has stored; anything else there is none of its records. */
  async get(): Promise<ExpressStoreSession | undefined> {
    const session = await this.getAny();
    return isOwn(session) ? session : undefined;
  }

  /** Whatever the store has. */
  getAny(): Promise<unknown> {
    return this.#ask('read', (done) => this.#store.get(this.#sid, done));
  }

  /** A file that is not there is no answer to this: it was to be made, and its folder is not there. */
  async set(session: ExpressStoreSession): Promise<void> {
    await this.#ask('set', (done) => this.#store.set(this.#sid, session, done));
  }

  /** A store without `touch` has to be given all of the session again. */
  async extend(session: ExpressStoreSession): Promise<void> {
    const store = this.#store;
    if (!store.touch) return this.set(session);
    await this.#ask('touch', (done) => store.touch?.(this.#sid, session, done));
  }

  async destroy(): Promise<void> {
    await this.#ask('destroy', (done) => this.#store.destroy(this.#sid, done));
  }

  /** Some stores also return a promise, and some throw: each way of failing counts. */
  #ask(kind: Kind, ask: (done: Done) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const left = this.#end - performance.now();
      if (left <= 0) return reject(timedOut(this.#limit));
      let endLateWrite: (() => void) | undefined;
      const timer = setTimeout(() => {
        if (kind !== 'read') endLateWrite = this.#lateWrites.add(this.#sid);
        reject(timedOut(this.#limit));
      }, left).unref();
      const settle: Done = (error, result) => {
        clearTimeout(timer);
        endLateWrite?.();
        if (!error) resolve(result);
        else if (kind !== 'set' && isAbsence(error)) resolve(undefined);
        else reject(failed(error, mayQuoteSession(kind) ? undefined : this.#sid));
      };
      new Promise((returned) => returned(ask(settle))).catch(settle);
    });
  }
}

/** What was to be stored may stand in what the store says of it. */
function mayQuoteSession(kind: Kind): boolean {
  return kind === 'touch' || kind === 'set';
}

function isOwn(session: unknown): session is ExpressStoreSession {
  const { data, version } = Object(session) as Partial<ExpressStoreSession>;
  return typeof data === 'string' && typeof version === 'string';
}

/**
 * express-session takes every ENOENT for a session that is not there, as stores on files say it. A
 * socket that is not there has the same code, and is an outage.
 */
function isAbsence(error: unknown): boolean {
  const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
  return code === 'ENOENT' && syscall !== 'connect';
}

function timedOut(milliseconds: number): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    `The express-session store did not call back within ${milliseconds} ms.`,
  );
}

function writeUnderWay(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    'A write that the express-session store did not answer in time is still under way, and could ' +
      'overwrite this one. Check that the store is up; this ends when it has called back.',
  );
}

/** @param sid taken out of the text; undefined where the text may hold what was to be stored */
function failed(error: unknown, sid: string | undefined): SessionStoreUnavailableException {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const mayBeTold = sid !== undefined && typeof message === 'string';
  const cause = new Error(mayBeTold ? message.replaceAll(sid, '…') : 'It refused a write.');
  return new SessionStoreUnavailableException(
    'The express-session store failed. Check that it is up and reachable; what it said stands in cause.',
    { cause: typeof code === 'string' ? Object.assign(cause, { code }) : cause },
  );
}
