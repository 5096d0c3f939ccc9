import type { SessionLoginOptions } from './interfaces/session-login-options.interface.js';
import { ScopedVariables } from './scoped-variables.js';
import { SessionGuard, type SessionHost } from './session-guard.js';
import type { SessionSettings } from './session.options.js';
import { SessionVariables } from './session.variables.js';
import type { SessionLife } from './store/session-life.js';

/** What the module's options say to a session. */
export type SessionRules = Pick<
  SessionSettings,
  'scope' | 'intercept' | 'takeOver' | 'absoluteLifetime'
>;

/**
 * The session of the current request. Injected it is request-scoped and already started; reading
 * and writing are synchronous, and what was changed is stored before the answer leaves.
 *
 * @publicApi
 */
export class SessionService extends SessionVariables {
  readonly #guard: SessionGuard;
  readonly #life: SessionLife;
  readonly #host: SessionHost;
  readonly #rules: SessionRules;
  #starting: Promise<this> | undefined;
  #isNew = true;

  /** @internal Sessions are made for each request; inject one, or ask SessionContext for it. */
  constructor(life: SessionLife, host: SessionHost, rules: SessionRules) {
    const guard = new SessionGuard(life, host);
    super(new ScopedVariables(life, guard, rules.scope, rules.intercept));
    this.#guard = guard;
    this.#life = life;
    this.#host = host;
    this.#rules = rules;
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
    return this.#guard.isStarted;
  }

  /** Whether the session has begun in this request. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** When the session began; undefined before start. */
  get createdAt(): Date | undefined {
    return this.isStarted ? new Date(this.#life.facts.createdAt) : undefined;
  }

  /** When the session ends if it is not used again; undefined before start. */
  get expiresAt(): Date | undefined {
    return this.isStarted ? new Date(this.#life.expiresAt) : undefined;
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
   * Gives the session a new id and keeps its variables; what is pending is stored with it.
   *
   * @param deleteOld whether the old id opens nothing any more
   * @throws SessionHeadersSentException, SessionConflictException, SessionStoreUnavailableException
   */
  async regenerateId(deleteOld = true): Promise<void> {
    this.#guard.assertMayChange();
    this.#guard.assertMayGiveId('A new session id');
    await this.#life.regenerate(deleteOld);
  }

  /**
   * Ties the session to who has logged in. It always gets a new id, the old one opens nothing any
   * more, and its lifetimes start anew. Variables and the session's own lifetime stay, those of
   * another owner too: call `logout()` first where they must not.
   *
   * @param owner the user's id
   * @throws TypeError for an owner that is no string, or empty
   * @throws SessionHeadersSentException, SessionConflictException, SessionStoreUnavailableException
   * @throws SessionLimitException when the owner has as many sessions as allowed
   */
  async login(owner: string, { drop = [], info }: SessionLoginOptions = {}): Promise<void> {
    this.#guard.assertStarted();
    if (typeof owner !== 'string' || owner === '') {
      throw new TypeError("login() takes the user's id: a string that is not empty.");
    }
    this.#guard.assertMayCommit();
    this.#guard.assertMayGiveId('A login');
    const names = drop.map((name) => this.#rules.scope + name);
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
    this.#guard.assertMayEnd();
    await this.#guard.ending(() => this.#life.destroy(() => this.#host.endPrevious?.()));
    this.#isNew = true;
  }

  /**
   * Commits now.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  async save(): Promise<void> {
    this.#guard.assertMaySave();
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
    const { absoluteLifetime } = this.#rules;
    const longest = absoluteLifetime === false ? Number.MAX_SAFE_INTEGER : absoluteLifetime;
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > longest) {
      throw new RangeError(
        `A session's lifetime is a whole number of seconds from 1 to absoluteLifetime (${longest}).`,
      );
    }
    this.#guard.assertWritable();
    this.#life.values.lifetime = seconds;
    return this;
  }

  async #start(): Promise<this> {
    const { clientId } = this.#host;
    if (clientId !== undefined) {
      await this.#life.open(clientId);
      if (this.#life.isRenewalDue && !this.#host.areHeadersSent) await this.#life.renew();
    }
    if (this.#rules.takeOver) await this.#host.takeOver?.();
    this.#isNew = !this.#life.isStored;
    this.#guard.isStarted = true;
    this.#host.onStarted?.();
    return this;
  }
}
