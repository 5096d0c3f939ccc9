import { type Bag, createBag } from './bag.js';
import {
  SessionContextException,
  SessionHeadersSentException,
  SessionNotStartedException,
} from './exceptions/session.exceptions.js';
import type { SessionData } from './interfaces/session-data.interface.js';
import type { SessionLoginOptions } from './interfaces/session-login-options.interface.js';
import type { SessionIntercept } from './interfaces/session-intercept.interface.js';
import { type SessionGuards, SessionVariables } from './session.variables.js';
import type { SessionLife } from './store/session-life.js';

/** What a session may know of the request that it serves. */
export interface SessionHost {
  /** The name of the cookie in this request. */
  readonly cookieName: string;
  /** The id that came with the request; undefined when there is none, or none that can be ours. */
  readonly clientId: string | undefined;
  /** Whether it is too late to send a cookie. */
  readonly areHeadersSent: boolean;
  /** Whether the response is over and its changes are committed. */
  readonly isEnded: boolean;
  /** @throws SessionConflictException when the request's cookies rule out a new session */
  assertMayBegin(): void;
}

/** What the module's options say to a session. */
export interface SessionRules {
  /** What the full names of this application's variables begin with; '' for all. */
  readonly scope: string;
  readonly intercept?: SessionIntercept | undefined;
  /** Seconds, or false for no end. */
  readonly absoluteLifetime: number | false;
}

/**
 * The session of the current request. Injected it is request-scoped and already started; reading
 * and writing are synchronous, and what was changed is stored before the answer leaves.
 *
 * @publicApi
 */
export class SessionService {
  readonly #life: SessionLife;
  readonly #host: SessionHost;
  readonly #settings: SessionRules;
  readonly #variables: SessionVariables;
  readonly #bags = new Map<string, object>();
  #starting: Promise<this> | undefined;
  #isStarted = false;
  #isNew = true;

  /** @internal Sessions are made for each request; inject one, or ask SessionContext for it. */
  constructor(life: SessionLife, host: SessionHost, settings: SessionRules) {
    this.#life = life;
    this.#host = host;
    this.#settings = settings;
    this.#variables = new SessionVariables(
      life,
      this.#guards(),
      settings.scope,
      settings.intercept,
    );
  }

  /** The secret that the cookie bears; `''` before start and as long as nothing is stored. */
  get id(): string {
    return this.#life.id;
  }

  /** Where the store keeps the session, `''` as `id`. It may be shown: it opens nothing. */
  get key(): string {
    return this.#life.key;
  }

  /** The name of the session's cookie in this request. */
  get name(): string {
    return this.#host.cookieName;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Whether the session has begun in this request. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** When the session began; undefined before start. */
  get createdAt(): Date | undefined {
    return this.#isStarted ? new Date(this.#life.facts.createdAt) : undefined;
  }

  /** When the session ends if it is not used again; undefined before start. */
  get expiresAt(): Date | undefined {
    return this.#isStarted ? new Date(this.#life.expiresAt) : undefined;
  }

  /** Who is logged in; undefined for nobody. */
  get owner(): string | undefined {
    return this.#life.facts.owner;
  }

  /** When the owner has logged in; undefined for nobody. */
  get loggedInAt(): Date | undefined {
    const { loggedInAt } = this.#life.facts;
    return loggedInAt === undefined ? undefined : new Date(loggedInAt);
  }

  /**
   * Reads the session from the store, once; later calls return the same promise. A visitor without
   * a cookie costs no store call.
   *
   * @throws SessionStoreUnavailableException
   */
  start(): Promise<this> {
    return (this.#starting ??= this.#start());
  }

  /**
   * The variable, or the fallback when there is none; `null`, `0`, `''` and `false` are values. An
   * object is the same at every call, and what is changed inside it is stored.
   *
   * @throws SessionNotStartedException
   */
  get<K extends keyof SessionData>(name: K): SessionData[K] | undefined;
  get<K extends keyof SessionData, F>(name: K, fallback: F): Exclude<SessionData[K], undefined> | F;
  get<T = unknown>(name: string): T | undefined;
  get<T = unknown>(name: string, fallback: T): T;
  get(name: string, fallback?: unknown): unknown {
    const value = this.#variables.get({ name });
    return value === undefined ? fallback : value;
  }

  /** Gets the variable, or the fallback, and removes it. */
  pull<K extends keyof SessionData>(name: K): SessionData[K] | undefined;
  pull<K extends keyof SessionData, F>(
    name: K,
    fallback: F,
  ): Exclude<SessionData[K], undefined> | F;
  pull<T = unknown>(name: string): T | undefined;
  pull<T = unknown>(name: string, fallback: T): T;
  pull(name: string, fallback?: unknown): unknown {
    const value = this.get(name, fallback);
    this.remove(name);
    return value;
  }

  /**
   * Sets the variable; undefined removes it.
   *
   * @throws SessionNotStartedException
   * @throws SessionSerializationException naming the path of what cannot be stored
   * @throws SessionHeadersSentException when this would begin a session and no cookie can be sent
   * @throws SessionContextException when the response is over
   * @throws SessionConflictException when this would begin a session and the request has two
   * different session cookies
   */
  set<N extends string>(
    name: N,
    value: N extends keyof SessionData ? SessionData[N] | undefined : unknown,
  ): this {
    this.#variables.set({ name }, value);
    return this;
  }

  /** Whether there is such a variable; `null`, `0`, `''` and `false` are values. */
  has(name: string): boolean {
    return this.#variables.has({ name });
  }

  /** Whether there was such a variable. Throws as `set` does. */
  remove(name: string): boolean {
    return this.#variables.remove({ name });
  }

  /** The names of this application's variables. */
  keys(): string[] {
    return this.#variables.names();
  }

  /** The number of this application's variables. */
  get size(): number {
    return this.keys().length;
  }

  /** Removes all of this application's variables. Throws as `set` does. */
  clear(): this {
    this.#variables.clear();
    return this;
  }

  /** This application's variables as a plain object of its own; what is in them is not copied. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.keys().map((name) => [name, this.get(name)]));
  }

  /**
   * Changes one variable atomically, and commits what is pending with it. No other request's update
   * is lost.
   *
   * @param fn gets the newest value and returns the next, synchronously; it may run again.
   * Undefined removes the variable
   * @returns the value that the store has accepted
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException
   * @throws SessionHeadersSentException when this would begin a session and no cookie can be sent
   */
  update<K extends keyof SessionData>(
    name: K,
    fn: (value: SessionData[K] | undefined) => SessionData[K] | undefined,
  ): Promise<SessionData[K] | undefined>;
  update<T>(name: string, fn: (value: T | undefined) => T | undefined): Promise<T | undefined>;
  update(name: string, fn: (value: never) => unknown): Promise<unknown> {
    return this.#variables.update({ name }, fn as (value: unknown) => unknown);
  }

  /** The variables of that group; a view, the same at every call. */
  bag<T extends object = Record<string, unknown>>(name: string): Bag<T> {
    let bag = this.#bags.get(name);
    if (bag === undefined) this.#bags.set(name, (bag = createBag(this.#variables, name)));
    return bag as Bag<T>;
  }

  /**
   * The bag that belongs to a class.
   *
   * @param owner the class, or its name
   */
  persistent<T extends object = Record<string, unknown>>(owner: Function | string): Bag<T> {
    const name = typeof owner === 'string' ? owner : owner.name;
    if (name !== '') return this.bag(`persistent:${name}`);
    throw new TypeError('A class without a name has no bag of its own. Give it a name.');
  }

  /**
   * Gives the session a new id and keeps its variables; what is pending is stored with it.
   *
   * @param deleteOld whether the old id opens nothing any more
   * @throws SessionHeadersSentException, SessionConflictException, SessionStoreUnavailableException
   */
  async regenerateId(deleteOld = true): Promise<void> {
    this.#assertStarted();
    if (this.#host.areHeadersSent) throw new SessionHeadersSentException('A new session id');
    await this.#life.regenerate(deleteOld);
  }

  /**
   * Ties the session to who has logged in. It always gets a new id, the old one opens nothing any
   * more, and its lifetimes start anew.
   *
   * @param owner the user's id
   * @throws TypeError for an owner that is no string, or empty
   * @throws SessionHeadersSentException, SessionConflictException, SessionStoreUnavailableException
   * @throws SessionLimitException when the owner has as many sessions as allowed
   */
  async login(owner: string, { drop = [], info }: SessionLoginOptions = {}): Promise<void> {
    this.#assertStarted();
    if (typeof owner !== 'string' || owner === '') {
      throw new TypeError("login() takes the user's id: a string that is not empty.");
    }
    this.#assertMayBegin();
    if (this.#host.areHeadersSent) throw new SessionHeadersSentException('A login');
    const names = drop.map((name) => this.#settings.scope + name);
    await this.#life.login(owner, names, info);
  }

  /** Ends the session: the same as `destroy`. */
  logout(): Promise<void> {
    return this.destroy();
  }

  /**
   * Removes the session from the store and clears its cookie. Afterwards this is a new and empty
   * session, begun by the first write.
   *
   * @throws SessionStoreUnavailableException session and cookie stay as they were
   */
  async destroy(): Promise<void> {
    this.#assertStarted();
    await this.#life.destroy();
    this.#isNew = true;
  }

  /**
   * Commits now.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  async save(): Promise<void> {
    this.#assertStarted();
    await this.#life.commit();
  }

  /**
   * Gives this session an idle lifetime of its own ("remember me"). Its cookie outlives the browser
   * from then on.
   *
   * @param seconds whole, 1 or more
   * @throws RangeError below 1 or above the absolute lifetime
   */
  setLifetime(seconds: number): this {
    const { absoluteLifetime } = this.#settings;
    const longest = absoluteLifetime === false ? Number.MAX_SAFE_INTEGER : absoluteLifetime;
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > longest) {
      throw new RangeError(
        `A session's lifetime is a whole number of seconds from 1 to absoluteLifetime (${longest}).`,
      );
    }
    this.#assertWritable();
    this.#life.values.lifetime = seconds;
    return this;
  }

  async #start(): Promise<this> {
    const { clientId } = this.#host;
    if (clientId !== undefined) await this.#life.open(clientId);
    this.#isNew = !this.#life.isStored;
    this.#isStarted = true;
    return this;
  }

  #guards(): SessionGuards {
    return {
      beforeRead: () => this.#assertStarted(),
      beforeWrite: () => this.#assertWritable(),
      beforeUpdate: () => {
        this.#assertStarted();
        this.#assertMayBegin();
      },
    };
  }

  #assertStarted(): void {
    if (!this.#isStarted) throw new SessionNotStartedException();
  }

  #assertWritable(): void {
    this.#assertStarted();
    if (this.#host.isEnded) {
      throw new SessionContextException(
        'The response is over and the session is committed, so this change would be lost. Write ' +
          'before the response ends, or use update(), which commits by itself.',
      );
    }
    this.#assertMayBegin();
  }

  #assertMayBegin(): void {
    if (this.#life.id !== '') return;
    this.#host.assertMayBegin();
    if (this.#host.areHeadersSent) throw new SessionHeadersSentException('Starting a session');
  }
}
